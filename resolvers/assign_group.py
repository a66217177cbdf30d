"""assignStudentGroup: a student group given to people with a roster role there, or taken (S0-34, S1-31)."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Recipient
from policy.ids import GroupId, UserId
from policy.student_groups import may_assign_group
from resolvers import targets
from resolvers.asking import Asking
from resolvers.refusals import bad_input
from resolvers.student_groups import GroupRow, managed_group, visible_group
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.database import Connection
from store.groups import assign_group, unassign_group
from store.people import load_people
from store.recipients import lock_users
from store.records import OrganizationRecord, StudentGroupRecord

ACTION = "assignStudentGroup"
MOST = 100


@dataclass(frozen=True, slots=True)
class AssignGroupAsked:
    """`assigned` False: the group is taken away."""

    group: UUID | None
    users: tuple[UUID | None, ...]
    assigned: bool


async def carry_out(asking: Asking, asked: AssignGroupAsked, rule: AnyOf, sight: Sight, seen: AnyOf) -> GroupRow:
    """All or nobody. Raises RefusedError NOT_FOUND for a group or a person out of reach."""
    making = change(asking, ACTION, rule)
    if not 1 <= len(asked.users) <= MOST:
        raise bad_input(f"{ACTION} takes 1 to {MOST} people at once, not {len(asked.users)}.")
    group = await visible_group(asking, asked.group, seen)
    people = [one.id for one in await asyncio.gather(*(targets.user(asking, sight, one) for one in asked.users))]
    work = _assign if asked.assigned else _unassign
    try:
        await making.carry_out(Target("student_group", str(group.id)), partial(work, making, group.id, people))
    except RefusedChangeError as refused:
        return GroupRow(None, refused.errors)
    return GroupRow(group.id, [])


async def _assign(making: Change, group: GroupId, people: list[UserId], connection: Connection) -> None:
    await lock_users(connection, sorted(set(people)))
    found, where, under = await managed_group(making, connection, group)
    errors = await _refusals(making, connection, found, where, people)
    if errors:
        raise RefusedChangeError(errors)
    now = making.asking.clock.now
    given = [
        one for one in dict.fromkeys(people) if await assign_group(connection, group, one, making.caller.user, now)
    ]
    if given:
        after = {"assigned": sorted(str(one) for one in given)}
        await making.audit(connection, Target("student_group", str(group)), under, after=after)
        await making.tell(connection, given)


async def _refusals(
    making: Change, connection: Connection, found: StudentGroupRecord, where: OrganizationRecord, people: list[UserId]
) -> list[UserError]:
    loaded = await load_people(connection, people)
    errors: list[UserError] = []
    for index, user in enumerate(people):
        if user not in loaded:
            raise targets.missing("person")
        person = loaded[user].person
        recipient = Recipient(user, person.status, person.assignments)
        verdict = may_assign_group(making.actor, recipient, where.facts, found.school_year, making.asking.packs)
        if verdict.refusal is not None:
            errors.append(replace(user_error(verdict.refusal), path=["input", "users", str(index)]))
    return errors


async def _unassign(making: Change, group: GroupId, people: list[UserId], connection: Connection) -> None:
    await lock_users(connection, sorted(set(people)))
    _, _, under = await managed_group(making, connection, group)
    if making.caller.user in people:
        text, remedy = "Nobody takes a student group from herself.", "Ask another coordinator."
        path = ["input", "users", str(people.index(making.caller.user))]
        raise RefusedChangeError([UserError(path, "OWN_ASSIGNMENT", "delegation-1", text, remedy)])
    taken = [one for one in dict.fromkeys(people) if await unassign_group(connection, group, one)]
    if taken:
        before = {"assigned": sorted(str(one) for one in taken)}
        await making.audit(connection, Target("student_group", str(group)), under, before=before)
        await making.tell(connection, taken)
