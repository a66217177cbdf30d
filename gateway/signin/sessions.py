"""Sessions of people: begun at sign-in under a new id, read from the cookie, ended by time or by sign-out."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from gateway.cookies import Cookie, clear_cookie, read_cookie, set_cookie
from gateway.refusals import Kind, RefusedError
from gateway.signin.assurance import Proof
from gateway.state import gateway_of
from policy.grant import ActiveRole
from policy.session_life import ABSOLUTE_LIMIT, IDLE_LIMIT
from store.database import Connection
from store.identity_links import hold_identity_link
from store.sessions import (
    NewSession,
    Renewed,
    Session,
    finish_session,
    insert_session,
    present_session,
    renew_session,
    session_seen,
)

SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the idle limit is kept: a session is noted as seen, and read anew, once in that time."""
_LONGEST_AGENT = 200
_LONGEST_COOKIE = 100


def token_hash(token: str) -> bytes:
    """How cookies, codes, refresh tokens and links are kept; all hold 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


async def session_of(request: HTTPConnection, connection: Connection) -> Session | None:
    """The session of the request's cookie, when it is neither ended nor too old.

    Moves the idle limit on, but for a WebSocket: that it is open, or reads again who its person is, is no activity.
    """
    session = await unended_session(request, connection)
    now = gateway_of(request).now()
    if session is None or not is_alive(session, now):
        return None
    if now - session.last_seen_at > SEEN_EVERY and request.scope["type"] == "http":
        await session_seen(connection, session.id, now)
    return session


async def unended_session(request: HTTPConnection, connection: Connection) -> Session | None:
    """The session of the request's cookie, also one too old to act in: what came from it may live on."""
    cookie = read_cookie(request, gateway_of(request).settings, Cookie.SESSION)
    if cookie is None or len(cookie) > _LONGEST_COOKIE:
        return None
    return await present_session(connection, token_hash(cookie))


def is_alive(session: Session, now: datetime) -> bool:
    """Whether neither limit has passed."""
    return now < session.expires_at and now - session.last_seen_at <= IDLE_LIMIT


async def begin_session(request: Request, connection: Connection, proof: Proof, active: ActiveRole | None) -> str:
    """A session for someone who has just proven who she is. Returns the cookie's value, which is always a new one.

    Her own session in this browser goes on under it, with new limits and also after it became too old: proving oneself
    again signs nobody out of relying parties, and signing out later ends what came from it before. It is as sure as
    this proof, whatever it was before. Somebody else's ends, and so does one that came through a district's provider
    when she proves herself otherwise, or the other way round: what came from it stays inside its limit, or outside.
    Call it in the transaction of what the sign-in changes; pages don't call it, but
    `gateway.signin.proof.after_proof`, which knows what else is asked of the person.

    Raises RefusedError where the proof is a provider's that vouches for nobody, or not for her, any more.
    """
    gateway = gateway_of(request)
    if proof.provider is not None and not await hold_identity_link(connection, proof.provider, proof.user):
        raise RefusedError(
            Kind.FORBIDDEN, "Your district's sign-in is not in use any more. Sign in with your password."
        )
    now, token = gateway.now(), gateway.new_token()
    proved_at, usual = min(proof.at or now, now), now + ABSOLUTE_LIMIT
    expires_at = min(proof.until or usual, usual)
    earlier = await unended_session(request, connection)
    if earlier is not None:
        renewed = Renewed(token_hash(token), proved_at, now, expires_at, proof.acr, proof.amr, proof.lea)
        if (earlier.standing.user, earlier.provider) != (proof.user, proof.provider):
            await finish_session(connection, earlier.id, now)
        elif await renew_session(connection, earlier.id, renewed):
            return token
    new = NewSession(
        id=gateway.new_id(),
        token_hash=token_hash(token),
        user=proof.user,
        auth_time=proved_at,
        signed_in_at=now,
        acr=proof.acr,
        amr=proof.amr,
        active=active,
        expires_at=expires_at,
        user_agent=request.headers.get("user-agent", "")[:_LONGEST_AGENT] or None,
        lea=proof.lea,
        provider=proof.provider,
    )
    await insert_session(connection, new)
    return token


def give_cookie(request: HTTPConnection, response: Response, token: str) -> None:
    """The session's cookie lives until the browser closes; the server's limits hold anyway."""
    settings = gateway_of(request).settings
    set_cookie(response, settings, Cookie.SESSION, token)
    clear_cookie(response, settings, Cookie.FORM)


def take_cookie(request: HTTPConnection, response: Response) -> None:
    clear_cookie(response, gateway_of(request).settings, Cookie.SESSION)
