"""designatePrimaryCoordinator: one coordinator of an LEA, program and year becomes the primary one (S1-06)."""

from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Recipient, may_designate
from policy.facts import Assignment
from policy.ids import UserId
from resolvers import targets
from resolvers.account_changes import entitled, refused
from resolvers.asking import Asking
from resolvers.assign_role import AssignRoleRow
from resolvers.targets import Sight
from resolvers.update_assignment import held_now
from resolvers.writing import Change, RefusedChangeError, Target, change
from store.coordinators import LeaYear, set_primary, unset_primary
from store.database import Connection
from store.recipients import lock_organization
from store.records import AssignmentRecord

ACTION = "designatePrimaryCoordinator"


async def carry_out(asking: Asking, assignment: UUID | None, rule: AnyOf, sight: Sight) -> AssignRoleRow:
    """Raises RefusedError NOT_FOUND for an assignment out of reach."""
    making = change(asking, ACTION, rule)
    seen = await targets.assignment(asking, sight, assignment)
    target = Target("role_assignment", str(seen.id))
    try:
        await making.carry_out(target, lambda connection: _designate(making, connection, seen))
    except RefusedChangeError as error:
        return AssignRoleRow(None, error.errors)
    return AssignRoleRow(seen.id, [])


async def _designate(making: Change, connection: Connection, row: AssignmentRecord) -> None:
    person, held = await held_now(connection, row)
    recipient = Recipient(person.id, person.status, person.assignments)
    under = entitled(may_designate(making.actor, recipient, held, making.asking.packs))
    lea = held.organization.lea
    if lea is None:
        raise refused("assignment", "NO_PRIMARY", "S1-06", "There is no LEA there.", "Choose a coordinator.")
    if held.primary:
        return
    await lock_organization(connection, lea)
    at = LeaYear(lea, held.program, held.school_year)
    before = await unset_primary(connection, at, held.role)
    await set_primary(connection, held.id)
    after = {"primary": True, "user": str(person.id), "instead_of": sorted(str(one) for one in before.values())}
    for earlier, user in sorted(before.items()):
        await making.audit(
            connection, Target("role_assignment", str(earlier)), under, before={"primary": True, "user": str(user)},
            after={"primary": False},
        )  # fmt: skip
    await making.audit(connection, Target("role_assignment", str(row.id)), under, after=after)
    concerned = {person.id, *before.values()}
    for user in sorted(concerned):
        await _tell(making, connection, user, person.id, held, at)
    await making.tell(connection, concerned)


async def _tell(
    making: Change, connection: Connection, user: UserId, primary: UserId, held: Assignment, at: LeaYear
) -> None:
    await making.mail(
        connection, "coordinator-notice", user, notice="designated", person=primary, program=held.program,
        organization=at.lea, school_year=held.school_year,
    )  # fmt: skip
