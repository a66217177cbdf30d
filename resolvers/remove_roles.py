"""removeRoles: assignments taken away, all of them or none."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Recipient, Verdict, may_remove
from policy.facts import Assignment, Person, UserStatus
from policy.ids import AssignmentId, UserId
from resolvers import targets
from resolvers.asking import Asking
from resolvers.refusals import bad_input
from resolvers.succession import Departed, succeed
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.assignments import delete_assignments
from store.database import Connection
from store.people import load_people
from store.recipients import lock_users
from store.records import AssignmentRecord
from store.sessions import finish_everything
from store.users import set_user_status

ACTION = "removeRoles"
MOST = 100
Judge = Callable[[Recipient, Assignment], Verdict]
"""Whether the actor may take this role from this person."""


@dataclass(frozen=True, slots=True)
class RemoveRolesAsked:
    assignments: tuple[UUID | None, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveRolesRow:
    removed: list[AssignmentId]
    users: list[UserId]
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: RemoveRolesAsked, rule: AnyOf, sight: Sight) -> RemoveRolesRow:
    """Raises RefusedError NOT_FOUND for an assignment out of reach."""
    making = change(asking, ACTION, rule)
    if not 1 <= len(asked.assignments) <= MOST:
        raise bad_input(f"removeRoles takes 1 to {MOST} assignments at once, not {len(asked.assignments)}.")
    seen = await asyncio.gather(*(targets.assignment(asking, sight, one) for one in asked.assignments))
    rows = list({row.id: row for row in seen}.values())
    target = Target("role_assignment", str(rows[0].id))
    try:
        await making.carry_out(target, lambda connection: remove(making, connection, rows, asked.reason, _may(making)))
    except RefusedChangeError as refused:
        return RemoveRolesRow([], [], refused.errors)
    return RemoveRolesRow([row.id for row in rows], sorted({row.user_id for row in rows}), [])


async def remove(
    making: Change,
    connection: Connection,
    rows: Sequence[AssignmentRecord],
    reason: str | None,
    judge: Judge,
    field: str = "assignments",
) -> None:
    """Take the roles away and do all that follows; the last thing before the commit. Raises RefusedChangeError.

    `field`: the input's list in which the roles stand, in the same order.
    """
    concerned = sorted({row.user_id for row in rows})
    await lock_users(connection, concerned)
    loaded = await load_people(connection, concerned)
    people = {user: one.person for user, one in loaded.items()}
    errors: list[UserError] = []
    for index, row in enumerate(rows):
        held = _held(people, row)
        if held is None:
            errors.append(_not_current(["input", field, str(index)]))
            continue
        verdict = judge(_recipient(people[row.user_id]), held)
        if verdict.refusal is not None:
            errors.append(replace(user_error(verdict.refusal), path=["input", field, str(index)]))
            continue
        await _audit(making, connection, row, verdict.under, reason)
        await making.mail(
            connection, "role-removed", row.user_id, program=row.program, role=row.role,
            organization=row.organization_id, school_year=row.school_year,
        )  # fmt: skip
    if errors:
        raise RefusedChangeError(errors)
    gone = {row.id for row in rows}
    await delete_assignments(connection, list(gone))
    departed = [Departed(user, one) for user, person in people.items() for one in person.assignments if one.id in gone]
    followed = await succeed(making, connection, departed)
    for user, person in people.items():
        if all(one.id in gone for one in person.assignments):
            await set_user_status(connection, user, UserStatus.INACTIVE, (UserStatus.ACTIVE,))
            await finish_everything(connection, user, making.asking.clock.now, "inactive")
    await making.tell(connection, {*concerned, *followed})


async def _audit(
    making: Change, connection: Connection, row: AssignmentRecord, under: Assignment | None, reason: str | None
) -> None:
    before = {
        "user": str(row.user_id), "program": row.program, "role": row.role, "school_year": row.school_year,
        "organization": str(row.organization_id), "primary": row.primary,
    }  # fmt: skip
    personal = {row.user_id: {"reason": reason}} if reason else None
    await making.audit(connection, Target("role_assignment", str(row.id)), under, before=before, personal=personal)


def _held(people: dict[UserId, Person], row: AssignmentRecord) -> Assignment | None:
    person = people.get(row.user_id)
    return next((one for one in person.assignments if one.id == row.id), None) if person else None


def _recipient(person: Person) -> Recipient:
    return Recipient(person.id, person.status, person.assignments)


def _may(making: Change) -> Judge:
    actor = making.actor  # one, whose authority is worked out once
    return lambda recipient, held: may_remove(actor, recipient, held, making.asking.packs)


def _not_current(path: list[str]) -> UserError:
    text = "The assignment is over, or was removed at this moment."
    return UserError(path, "NOT_CURRENT", None, text, "Reload the list.")
