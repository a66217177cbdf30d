"""Applies a change of address once it has all that it needs: the old address is released, nothing moves with it.

Where somebody else asked for it, a day ago, it is judged once more: by then the person may be another's as well.
"""

from uuid import UUID

from gateway.account_terms import account_terms
from gateway.outbox.again import AgainLaterError
from gateway.signin.entitlement import still_entitled
from gateway.state import Gateway
from policy.delegation import IdentityOperation
from policy.facts import UserStatus
from resolvers.released import release
from schema.rules import CHANGE_ADDRESS
from store.account_links import close_links
from store.audit import AuditEvent, Outcome, record
from store.database import Connection
from store.email_changes import EmailChange, apply_email_change, cancel_email_change, open_email_change
from store.outbox import MailOrder, queue_mail
from store.recipients import ConflictError, lock_users
from store.sessions import finish_everything
from store.users import user_by_email, user_by_id


async def apply_if_ready(gateway: Gateway, connection: Connection, change: EmailChange) -> bool:
    """In a transaction that has locked the change. True: it is applied; False: it waits, or can't be any more."""
    now = gateway.now()
    if not change.is_ready(now):
        return False
    await lock_users(connection, [change.user])
    before = await user_by_id(connection, change.user)
    if before is None or before.email is None or await user_by_email(connection, change.new_email) is not None:
        await cancel_email_change(connection, change.id, now)
        return False
    if change.old_lost and not await still_entitled(
        gateway, connection, IdentityOperation.CHANGE_EMAIL, CHANGE_ADDRESS, by=change.requested_by, user=change.user
    ):
        await cancel_email_change(connection, change.id, now)
        await record(connection, _not_applied(change))
        return False
    if await apply_email_change(connection, change.id, now) is None:
        return False
    await _end_links(gateway, connection, change, before.status)
    await release(account_terms(gateway), connection, before.email, change.user, now)
    event = AuditEvent(
        "applyEmailChange", "user", str(change.user), actor=change.requested_by, after={"change": str(change.id)},
        personal={change.user: {"email": change.new_email, "email_before": before.email}},
    )  # fmt: skip
    await record(connection, event, gateway.personal_keys)
    return True


def _not_applied(change: EmailChange) -> AuditEvent:
    return AuditEvent(
        "applyEmailChange", "user", str(change.user), Outcome.DENIED, actor=change.requested_by,
        after={"change": str(change.id)}, rule="accounts-3", reason="NOT_ENTITLED_ANY_MORE",
    )  # fmt: skip


async def _end_links(gateway: Gateway, connection: Connection, change: EmailChange, status: UserStatus) -> None:
    """No invitation or reset that went to the old address can be used; where that was lost, sessions end as well."""
    now = gateway.now()
    await close_links(connection, change.user, now)
    if change.old_lost:
        await finish_everything(connection, change.user, now, "address")
    if status is UserStatus.INVITED:
        await queue_mail(connection, gateway.new_id(), MailOrder("invitation", change.user))


async def apply_by_job(gateway: Gateway, payload: bytes) -> None:
    """The job `email-change`: a day after the old address was told. Not confirmed by then, it waits for that."""
    try:
        async with gateway.pool.acquire() as connection, connection.transaction():
            change = await open_email_change(connection, UUID(bytes=payload), gateway.now())
            if change is None:
                return
            if change.takes_effect_at is not None and gateway.now() < change.takes_effect_at:
                raise AgainLaterError(change.takes_effect_at - gateway.now())
            await apply_if_ready(gateway, connection, change)
    except ConflictError:
        return  # somebody got the address at this moment: the change lapses
