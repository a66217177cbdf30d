"""Who asks, from memory: a mark proves inside a request's own statement that nothing about her has changed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, TypeVar

from starlette.requests import HTTPConnection

from gateway.access_cache import today_of
from gateway.caller_memory import Remembered
from gateway.cookies import Cookie, read_cookie
from gateway.oidc.keys.ring import KeySet, key_ring_of
from gateway.oidc.resource.presented import check_again, presented_claims, presented_token
from gateway.principal import authorization_id, caller_of
from gateway.refusals import Kind, RefusedError
from gateway.signin.context import asked_context
from gateway.signin.sessions import SEEN_EVERY, session_of, token_hash
from gateway.state import gateway_of
from policy.session_life import IDLE_LIMIT
from store.database import Connection
from store.marks import AnybodyMark, CallerChangedError, MarkedBy, SessionMark, TokenMark, read_mark

_MOST_ATTEMPTS: Final = 4
_CREDENTIALS: Final = frozenset({b"authorization", b"cookie"})
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)
Answer = TypeVar("Answer")


async def asked_by_caller(request: HTTPConnection, work: Callable[[Remembered], Awaitable[Answer]]) -> Answer:
    """The work's answer for this request's caller; done again with the caller read anew when it finds her changed.

    `work` verifies the mark in its first statement, and changes nothing before that. Raises RefusedError as `caller_of`
    does, UNAVAILABLE when the caller changes as fast as she is read.
    """
    known = known_caller(request)
    for _ in range(_MOST_ATTEMPTS):
        if known is None:
            async with gateway_of(request).pool.acquire() as connection:
                known = await read_caller(request, connection)
        try:
            return await work(known)
        except CallerChangedError:
            forget_caller(request)
            known = None
    raise RefusedError(Kind.UNAVAILABLE, "Your access is changing right now. Try again in a moment.")


def known_caller(request: HTTPConnection) -> Remembered | None:
    """The caller from memory, without any statement; None: she must be read. Raises RefusedError as `caller_of`."""
    gateway = gateway_of(request)
    found = gateway.callers.get(_key(request))
    if found is None:
        return None
    now = gateway.now()
    if now >= found.good_until or found.today != today_of(gateway.settings, now):
        return None
    if found.keys is not None:
        keys = key_ring_of(request).known(now)
        if keys is None or found.keys is not keys:
            return None
        check_again(request, keys, now)
    return found


async def read_caller(request: HTTPConnection, connection: Connection) -> Remembered:
    """The caller, read and remembered. Raises RefusedError as `caller_of` does."""
    gateway, now = gateway_of(request), gateway_of(request).now()
    by, good_until, keys = await _credentials(request, connection, now)
    mark = await read_mark(connection, by)  # before the facts: what is older than they are is only read once more
    caller = await caller_of(request, connection)
    if mark is None:  # gone between two statements, or caller_of would have refused it
        raise RefusedError(Kind.UNAUTHENTICATED, "The session or token isn't known any more. Sign in again.")
    in_force = await gateway.packs.in_force(connection, mark.epoch)
    found = Remembered(caller, in_force, today_of(gateway.settings, now), mark, good_until, keys)
    gateway.callers.put(_key(request), found)
    return found


def forget_caller(request: HTTPConnection) -> None:
    gateway_of(request).callers.drop(_key(request))


async def _credentials(
    request: HTTPConnection, connection: Connection, now: datetime
) -> tuple[MarkedBy, datetime, KeySet | None]:
    """What marks the caller, and until when she may be taken from memory."""
    keys = await key_ring_of(request).at(now, connection)
    claims = presented_claims(request, keys, now)
    if claims is not None:
        root = authorization_id(claims)
        return TokenMark(str(claims["client_id"]), root), datetime.fromtimestamp(claims["exp"], UTC), keys
    session = await session_of(request, connection)
    if session is not None:
        cookie = read_cookie(request, gateway_of(request).settings, Cookie.SESSION) or ""
        good_until = min(now + SEEN_EVERY, session.expires_at, session.last_seen_at + IDLE_LIMIT)
        return SessionMark(token_hash(cookie)), good_until, None
    return AnybodyMark(), _ALWAYS, None


def _key(request: HTTPConnection) -> bytes:
    """The digest of the credentials as they were sent, each with its header: neither tokens nor cookies stay in memory.

    In a session the context belongs to it: one person in two tabs is two callers.

    Whatever is wrong with them was found when they were read: what was refused is never remembered.
    """
    query = request.scope["query_string"]
    if b"access_token" in query or b"%" in query:
        presented_token(request)  # which refuses one in the address, however it is written there
    sent = [part for header in request.scope["headers"] if header[0] in _CREDENTIALS for part in header]
    if not sent:
        return b""
    context = asked_context(request)
    if context is not None:
        sent += (b"context", context.encode())
    return sha256(b"\n".join(sent)).digest()
