"""Mails and their delivery, and retryMail: a dead letter is queued once more."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.ids import UserId
from resolvers.asking import Asking
from resolvers.refusals import not_found
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.connection import Connection
from store.deliveries import DeliveryRecord, MailState, deliveries, delivery_by_id, lock_delivery
from store.messages import Problem, retry

__all__ = ["ACTION", "SHOWN", "DeliveryRecord", "MailRetriedRow", "MailState", "Problem", "listed", "retry_mail"]

ACTION: Final = "retryMail"
SHOWN: Final = 100
_TROUBLED: Final = (MailState.FAILED, MailState.DEAD)


@dataclass(frozen=True, slots=True)
class MailRetriedRow:
    mail: DeliveryRecord | None
    user_errors: list[UserError]


async def listed(asking: Asking, user: UUID | None, states: Collection[MailState] | None) -> list[DeliveryRecord]:
    """One person's mails, all of them if no state is named; without a person those in trouble."""
    asked = states if states is not None else tuple(MailState) if user else _TROUBLED
    whose = UserId(user) if user else None
    return await asking.reads.run(lambda connection: deliveries(connection, whose, asked, SHOWN))


async def retry_mail(asking: Asking, mail: UUID | None, rule: AnyOf) -> MailRetriedRow:
    """Raises RefusedError NOT_FOUND for an id that no mail has."""
    making = change(asking, ACTION, rule)
    found = await asking.reads.run(lambda connection: delivery_by_id(connection, mail)) if mail else None
    if found is None:
        raise not_found("There is no such mail: look it up again.")
    try:
        await making.carry_out(Target("mail", str(found.id)), partial(_retry, making, found.id))
    except RefusedChangeError as refused:
        return MailRetriedRow(None, refused.errors)
    return MailRetriedRow(await asking.reads.run(lambda connection: delivery_by_id(connection, found.id)), [])


async def _retry(making: Change, mail: UUID, connection: Connection) -> None:
    state = await lock_delivery(connection, mail)
    if state is None or not await retry(connection, mail):
        text = f"Only a dead letter is tried again by hand; this mail is {state.value if state else 'gone'}."
        remedy = "Wait for it, or have a new one sent."
        raise RefusedChangeError([UserError(["input", "mail"], "NOT_DEAD", None, text, remedy)])
    await making.audit(
        connection, Target("mail", str(mail)), None,
        before={"state": MailState.DEAD.value}, after={"state": MailState.QUEUED.value},
    )  # fmt: skip
