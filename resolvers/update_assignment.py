"""updateAssignment: the last day of a role, set or taken away."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Recipient, may_update
from policy.facts import Assignment, Person, UserStatus
from policy.ids import AssignmentId
from resolvers import targets
from resolvers.account_changes import check_version, entitled, refused
from resolvers.asking import Asking
from resolvers.assign_role import AssignRoleRow
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, change
from store.assignments import assignments_by_ids, set_last_day
from store.database import Connection
from store.people import load_person
from store.recipients import lock_users
from store.records import AssignmentRecord
from store.users import set_user_status

ACTION = "updateAssignment"


@dataclass(frozen=True, slots=True)
class UpdateAssignmentAsked:
    assignment: UUID | None
    last_day: date | None
    """None: to the end of the year."""
    expected_version: int


async def carry_out(asking: Asking, asked: UpdateAssignmentAsked, rule: AnyOf, sight: Sight) -> AssignRoleRow:
    """Raises RefusedError NOT_FOUND for an assignment out of reach."""
    making = change(asking, ACTION, rule)
    seen = await targets.assignment(asking, sight, asked.assignment)
    target = Target("role_assignment", str(seen.id))
    try:
        await making.carry_out(target, lambda connection: _update(making, connection, seen, asked))
    except RefusedChangeError as error:
        return AssignRoleRow(None, error.errors)
    return AssignRoleRow(seen.id, [])


async def held_now(connection: Connection, row: AssignmentRecord) -> tuple[Person, Assignment]:
    """The person, locked, with the assignment as it is now. Raises RefusedChangeError when it is over."""
    await lock_users(connection, [row.user_id])
    loaded = await load_person(connection, row.user_id)
    found = next((one for one in loaded.person.assignments if one.id == row.id), None) if loaded else None
    if loaded is None or found is None:
        text = "The assignment is over, or was removed at this moment."
        raise refused("assignment", "NOT_CURRENT", None, text, "Reload the list.")
    return loaded.person, found


async def _update(making: Change, connection: Connection, row: AssignmentRecord, asked: UpdateAssignmentAsked) -> None:
    person, held = await held_now(connection, row)
    asking = making.asking
    recipient = Recipient(person.id, person.status, person.assignments)
    verdict = may_update(making.actor, recipient, held, asked.last_day, asking.packs, asking.clock.today)
    under = entitled(verdict)
    current = (await assignments_by_ids(connection, [AssignmentId(row.id)]))[row.id]
    check_version(asked.expected_version, current.version)
    if held.last_day == asked.last_day:
        return
    await set_last_day(connection, row.id, asked.last_day)
    await set_user_status(connection, person.id, UserStatus.ACTIVE, (UserStatus.INACTIVE,))
    await making.audit(
        connection, Target("role_assignment", str(row.id)), under,
        before={"user": str(person.id), "last_day": _day(held.last_day)}, after={"last_day": _day(asked.last_day)},
    )  # fmt: skip
    await making.tell(connection, [person.id])


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
