"""The job `logout-notice`: hands one logout token to its relying party, minted and signed when it is sent."""

import random
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from gateway.logging import logger
from gateway.oidc.answers import FORM
from gateway.oidc.keys.ring import KeyRing
from gateway.oidc.logout.token import logout_token
from gateway.outbox.again import AgainLaterError
from gateway.outbox.worker import Work
from gateway.outgoing import SECONDS, OutgoingError, call
from gateway.state import Gateway
from store.logout_notices import LogoutNotice, begin_notice, notice_failed, notice_given_up, notice_sent

_log = logger("hallpass.logout")
_GOOD: Final = frozenset({200, 204})
_FIRST: Final = timedelta(seconds=10)
_LONGEST: Final = timedelta(hours=1)
_PATIENCE: Final = timedelta(hours=36)
"""Longer than a relying party is down for a day."""
_LEASE: Final = timedelta(seconds=3 * SECONDS)
_UNWANTED: Final = "the relying party takes no logout notices any more"


def sending_notices(gateway: Gateway) -> Work:
    """The job's work, with one key ring for all of its runs."""
    ring = KeyRing(gateway.pool, gateway.secret_key)

    async def send(gateway: Gateway, payload: bytes) -> None:
        await send_logout_notice(gateway, ring, payload)

    return send


async def send_logout_notice(gateway: Gateway, ring: KeyRing, payload: bytes) -> None:
    """Raises AgainLaterError where it is to be tried again."""
    sender = gateway.new_id()
    async with gateway.pool.acquire() as connection:
        begun = await begin_notice(connection, UUID(bytes=payload), sender, _LEASE)
    notice = begun.notice
    if notice is None:
        if begun.busy_for is not None:
            raise AgainLaterError(begun.busy_for)
        return
    if notice.uri is None:
        await _give_up(gateway, notice, sender, None, _UNWANTED, dropped=True)
        return
    try:
        status = await _deliver(gateway, ring, notice, notice.uri)
    except OutgoingError as error:
        await _not_taken(gateway, notice, sender, None, str(error), lasting=error.lasting)
        return
    if status not in _GOOD:
        await _not_taken(gateway, notice, sender, status, f"the relying party answered {status}")
        return
    async with gateway.pool.acquire() as connection:
        await notice_sent(connection, notice.id, status)
    _log.info("a relying party was told of a logout", client=notice.client_id, attempts=notice.attempts)


def again_in(attempts: int, drawn: float) -> timedelta:
    """Twice as long after each attempt, up to an hour, and up to a quarter more or less so that not all come at once.

    `attempts`: how many there were; `drawn`: a random number from 0 to 1.
    """
    return min(_FIRST * 2 ** min(attempts - 1, 16), _LONGEST) * (0.75 + 0.5 * drawn)


async def _deliver(gateway: Gateway, ring: KeyRing, notice: LogoutNotice, uri: str) -> int:
    """The status of the answer. Each attempt brings a token of its own: one that was seen before may be refused."""
    now, issuer = gateway.now(), gateway.settings.issuer
    token = logout_token(
        (await ring.at(now)).signer(notice.alg, now), issuer=issuer, client_id=notice.client_id, user=notice.user,
        session=notice.session, now=now, jti=gateway.new_id(),
    )  # fmt: skip
    body = urlencode({"logout_token": token}).encode()
    return (await call(issuer, "POST", uri, body=body, headers={"Content-Type": FORM})).status


async def _not_taken(
    gateway: Gateway, notice: LogoutNotice, sender: UUID, code: int | None, problem: str, *, lasting: bool = False
) -> None:
    """A dead letter, or one that comes again: also a refusal may be a relying party's bad day."""
    if lasting or notice.waited > _PATIENCE:
        await _give_up(gateway, notice, sender, code, problem)
        return
    delay = again_in(notice.attempts, random.random())  # noqa: S311 - spreads attempts, hides nothing
    async with gateway.pool.acquire() as connection:
        await notice_failed(connection, notice, sender, code=code, problem=problem, again_in=delay)
    _log.info("a logout notice comes again", client=notice.client_id, attempts=notice.attempts, problem=problem)
    raise AgainLaterError(delay)


async def _give_up(
    gateway: Gateway, notice: LogoutNotice, sender: UUID, code: int | None, problem: str, *, dropped: bool = False
) -> None:
    async with gateway.pool.acquire() as connection:
        await notice_given_up(connection, notice.id, sender, code=code, problem=problem, dropped=dropped)
    _log.warning("a logout notice is given up", client=notice.client_id, attempts=notice.attempts, problem=problem)
