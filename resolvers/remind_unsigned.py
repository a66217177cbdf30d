"""remindUnsigned: one mail to each person within reach who hasn't signed, queued as one job."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.ids import ProgramCode, SchoolYear, UserId
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.unsigned import UnsignedWanted, sought_of
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.outbox import MailOrder, queue_mails
from store.unsigned import UnsignedSought, people_who_have_not_signed

ACTION = "remindUnsigned"
TEMPLATE = "forms-reminder"


@dataclass(frozen=True, slots=True)
class RemindRow:
    reminded: int
    user_errors: list[UserError]


async def carry_out(asking: Asking, wanted: UnsignedWanted, key: str, rule: AnyOf) -> RemindRow:
    making = change(asking, ACTION, rule)
    sought = sought_of(asking, wanted, rule, but=making.caller.user)
    target = Target("security_forms", str(wanted.organization or "") or wanted.program or "all")
    digest = digest_of(wanted)
    try:
        reminded = await making.carry_out(target, partial(_remind, making, target, sought, key, digest))
    except RefusedChangeError as refused:
        return RemindRow(0, refused.errors)
    return RemindRow(reminded, [])


async def _remind(
    making: Change, target: Target, sought: UnsignedSought, key: str, digest: bytes, connection: Connection
) -> int:
    cause = making.id
    repeated = await first_result(making, connection, key, digest, cause) != cause
    found = await people_who_have_not_signed(connection, sought)
    people = {user for user, _, _ in found}
    if repeated or not people:
        return len(people)
    await queue_mails(connection, cause, [_order(making, cause, *one) for one in found])
    after = {"reminded": len(people), "cause": str(cause)}
    await making.audit(connection, target, None, after=after)
    return len(people)


def _order(making: Change, cause: UUID, user: UserId, program: ProgramCode, year: SchoolYear) -> MailOrder:
    values = {"program": program, "school_year": year}
    return MailOrder(TEMPLATE, user, values, making.caller.user, cause, making.asking.request_id or None)
