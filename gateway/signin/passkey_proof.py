"""What an answer of a passkey proves: judged and counted in one transaction, or refused for one of few reasons."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from gateway.observation import request_id_of
from gateway.signin.assurance import HARDWARE_KEY, SOFTWARE_KEY, USER_VERIFIED
from gateway.state import Gateway, gateway_of
from policy.ids import UserId
from resolvers.passkeys.authenticators import NotVerifiedError, Presented, Site, presented, used
from store.audit import AuditEvent, Outcome, record
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from store.passkey_ceremonies import Ceremony, Purpose
from store.passkeys import (
    OwnedPasskey,
    Passkey,
    may_enter,
    owner_of_credential,
    passkey_by_credential,
    passkey_copied,
    passkey_used,
)

USE = "usePasskey"


class Refusal(StrEnum):
    """Why an answer of a passkey proves nothing."""

    NOT_BEGUN = "not-begun"
    """No challenge of this browser is open: it expired, or was answered."""
    UNKNOWN = "unknown"
    """No such passkey, or not one of whom the challenge is for: not told apart."""
    NOT_VERIFIED = "not-verified"
    COPIED = "copied"
    """Its counter went back, now or before."""
    NOT_ACTIVE = "not-active"


Proved = Callable[[Connection, UserId, tuple[str, ...]], Awaitable[Response]]
"""What follows in the same transaction; takes the person and the `amr` of the passkey."""


async def judge(request: Request, ceremony: Ceremony | None, credential: str, proved: Proved) -> Response | Refusal:
    """`proved`'s answer. `ceremony`: the one that this answer has used up, whatever becomes of it."""
    if ceremony is None:
        return Refusal.NOT_BEGUN
    gateway = gateway_of(request)
    try:
        answer = presented(credential)
    except NotVerifiedError:
        return Refusal.NOT_VERIFIED
    async with gateway.pool.acquire() as connection, connection.transaction():
        user = await owner_of_credential(connection, answer.credential_id)
        if user is None or ceremony.user not in (None, user):
            return Refusal.UNKNOWN
        active = await may_enter(connection, user, gateway.now())
        owned = await passkey_by_credential(connection, answer.credential_id)
        if owned is None or owned.passkey.user != user:
            return Refusal.UNKNOWN
        refusal = await _counted(request, connection, ceremony, owned, answer)
        if refusal is not None:
            return refusal
        if not active:
            return Refusal.NOT_ACTIVE
        return await proved(connection, user, amr_of(owned.passkey))


def amr_of(passkey: Passkey) -> tuple[str, ...]:
    """RFC 8176: a key that stays in one device, or one that moves between them; its user was verified either way."""
    return (SOFTWARE_KEY if passkey.backup_eligible else HARDWARE_KEY, USER_VERIFIED)


async def _counted(
    request: Request, connection: Connection, ceremony: Ceremony, owned: OwnedPasskey, answer: Presented
) -> Refusal | None:
    """Whether the passkey itself answered, to this challenge; its counter is written down in the same transaction."""
    gateway, passkey = gateway_of(request), owned.passkey
    named = answer.user_handle is not None or ceremony.purpose is Purpose.ENTER
    if named and answer.user_handle != owned.handle:
        return Refusal.NOT_VERIFIED
    try:
        found = used(Site.of(gateway.settings.issuer), ceremony.challenge, passkey, answer)
    except NotVerifiedError:
        return Refusal.NOT_VERIFIED
    if found.copied or passkey.copied_at is not None:
        await _tell_of_copy(gateway, connection, passkey, request_id_of(request.scope) or None)
        return Refusal.COPIED
    now = gateway.now()
    await passkey_used(connection, passkey.id, now, sign_count=found.sign_count, backed_up=found.backed_up)
    return None


async def _tell_of_copy(gateway: Gateway, connection: Connection, passkey: Passkey, request_id: str | None) -> None:
    """The first time by mail; each time in the audit."""
    event = AuditEvent(
        USE, "user", str(passkey.user), Outcome.DENIED, actor=passkey.user,
        after={"passkey": str(passkey.id)}, reason="COPIED", request_id=request_id,
    )  # fmt: skip
    await record(connection, event)
    if passkey.copied_at is None:
        await passkey_copied(connection, passkey.id, gateway.now())
        await queue_mail(connection, gateway.new_id(), MailOrder("passkey-copied", passkey.user, request_id=request_id))
