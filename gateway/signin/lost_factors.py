"""Removes every factor of a person who lost them all, once that is confirmed and a day has passed; or it is stopped."""

from uuid import UUID

from gateway.outbox.again import AgainLaterError
from gateway.signin.entitlement import still_entitled
from gateway.state import Gateway
from policy.delegation import IdentityOperation
from policy.ids import UserId
from schema.rules import HELP_WITH_ACCOUNTS
from store.account_links import FACTOR_LINKS, close_links
from store.audit import AuditEvent, Outcome, record
from store.database import Connection
from store.factor_resets import (
    FactorReset,
    address_changed_since,
    apply_factor_reset,
    cancel_factor_reset,
    cancel_factor_resets,
    open_factor_reset,
    user_of_factor_reset,
)
from store.factors import remove_factors
from store.outbox import MailOrder, queue_mail
from store.recipients import lock_users
from store.sessions import finish_everything

APPLY, STOP = "applySecondFactorReset", "stopSecondFactorReset"


async def apply_if_ready(gateway: Gateway, connection: Connection, reset: FactorReset) -> bool:
    """In a transaction that has locked the person and then the reset, as everybody does.

    True: the factors are gone; False: it waits, or can't be any more.
    """
    now = gateway.now()
    if not reset.is_ready(now):
        return False
    why = await _why_not(gateway, connection, reset)
    if why:
        await cancel_factor_reset(connection, reset.id, now)
        await close_links(connection, reset.user, now, FACTOR_LINKS)
        await record(connection, _denied(reset, why))
        await queue_mail(connection, gateway.new_id(), MailOrder("second-factors-kept", reset.user))
        return False
    if not await apply_factor_reset(connection, reset.id, now):
        return False
    await remove_factors(connection, reset.user)
    await close_links(connection, reset.user, now, FACTOR_LINKS)
    await finish_everything(connection, reset.user, now, "factors")
    event = AuditEvent(
        APPLY, "user", str(reset.user), actor=reset.requested_by, after={"reset": str(reset.id)}, rule="accounts-3"
    )
    await record(connection, event)
    await queue_mail(connection, gateway.new_id(), MailOrder("second-factors-removed", reset.user))
    return True


async def apply_by_job(gateway: Gateway, payload: bytes) -> None:
    """The job `factor-reset`: a day after it was asked for. Not confirmed by then, it waits for that, or lapses."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        id_ = UUID(bytes=payload)
        user = await user_of_factor_reset(connection, id_)
        if user is None:
            return
        await lock_users(connection, [user])
        reset = await open_factor_reset(connection, id_, gateway.now())
        if reset is None:
            return
        if gateway.now() < reset.takes_effect_at:
            raise AgainLaterError(reset.takes_effect_at - gateway.now())
        await apply_if_ready(gateway, connection, reset)


async def stop_lost_factors(
    gateway: Gateway, connection: Connection, user: UserId, *, how: str, request_id: str | None = None
) -> bool:
    """End what is open; False: nothing is. `how`: `link`, `factor` (she signed in with one), `session`.

    In the transaction of the sign-in or of the link, which has locked the person's row or uses the link up.
    """
    now = gateway.now()
    stopped = await cancel_factor_resets(connection, user, now)
    if stopped is None:
        return False
    await close_links(connection, user, now, FACTOR_LINKS)
    event = AuditEvent(
        STOP, "user", str(user), actor=user, after={"reset": str(stopped), "how": how}, request_id=request_id
    )
    await record(connection, event)
    await queue_mail(connection, gateway.new_id(), MailOrder("second-factors-kept", user, request_id=request_id))
    return True


async def _why_not(gateway: Gateway, connection: Connection, reset: FactorReset) -> str:
    """Why it can't take effect any more, as the audit says it; empty: it can."""
    if await address_changed_since(connection, reset.user, reset.requested_at):
        return "ADDRESS_CHANGED"
    operation = IdentityOperation.RESET_SECOND_FACTOR
    by, user = reset.requested_by, reset.user
    if not await still_entitled(gateway, connection, operation, HELP_WITH_ACCOUNTS, by=by, user=user):
        return "NOT_ENTITLED_ANY_MORE"
    return ""


def _denied(reset: FactorReset, why: str) -> AuditEvent:
    return AuditEvent(
        APPLY, "user", str(reset.user), Outcome.DENIED, actor=reset.requested_by,
        after={"reset": str(reset.id)}, rule="accounts-3", reason=why,
    )  # fmt: skip
