"""createStudentGroup, renameStudentGroup and deleteStudentGroup: rosters of an organization and school year (S1-40)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.access import AnyOf, holds
from policy.facts import Assignment
from policy.ids import GroupId, OrganizationId, SchoolYear
from policy.student_groups import may_manage_groups
from resolvers import groups, targets
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.subjects import subject_of
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.database import Connection
from store.groups import NewStudentGroup, create_group, delete_group, group_named, groups_by_ids, rename_group
from store.organizations import organizations_by_ids
from store.records import OrganizationRecord, StudentGroupRecord

CREATE, RENAME, DELETE = "createStudentGroup", "renameStudentGroup", "deleteStudentGroup"
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class CreateGroupAsked:
    organization: UUID | None
    school_year: SchoolYear
    name: str
    subject_area: str | None
    key: str


@dataclass(frozen=True, slots=True)
class EditGroupAsked:
    """`name`: for renaming."""

    group: UUID | None
    expected_version: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    group: GroupId | None
    user_errors: list[UserError]


async def create(asking: Asking, asked: CreateGroupAsked, rule: AnyOf, sight: Sight) -> GroupRow:
    """Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, CREATE, rule)
    where = await targets.organization(asking, sight, asked.organization)
    return await _carried_out(making, Target("organization", str(where.id)), partial(_create, making, where, asked))


async def rename(asking: Asking, asked: EditGroupAsked, rule: AnyOf, seen: AnyOf) -> GroupRow:
    """`seen`: the rule by which a group is seen. Raises RefusedError NOT_FOUND for a group out of reach."""
    making = change(asking, RENAME, rule)
    group = await visible_group(asking, asked.group, seen)
    return await _carried_out(making, Target("student_group", str(group.id)), partial(_rename, making, group.id, asked))


async def delete(asking: Asking, asked: EditGroupAsked, rule: AnyOf, seen: AnyOf) -> GroupRow:
    """The same for a group that ceases to be, with its members and assignments."""
    making = change(asking, DELETE, rule)
    group = await visible_group(asking, asked.group, seen)
    return await _carried_out(making, Target("student_group", str(group.id)), partial(_delete, making, group.id, asked))


async def visible_group(asking: Asking, identifier: UUID | None, seen: AnyOf) -> StudentGroupRecord:
    """Raises RefusedError NOT_FOUND."""
    found = await groups.by_id(asking, GroupId(identifier)) if identifier else None
    if found is None or not holds(asking.caller, seen, subject_of(found, asking)):
        raise targets.missing("student group")
    return found


async def managed_group(
    making: Change, connection: Connection, group: GroupId
) -> tuple[StudentGroupRecord, OrganizationRecord, Assignment | None]:
    """The group as it is now, its organization, and the actor's role that manages it. Raises RefusedChangeError."""
    found = (await groups_by_ids(connection, [group])).get(group)
    if found is None:
        raise targets.missing("student group")
    where = (await organizations_by_ids(connection, [found.organization_id]))[found.organization_id]
    verdict = may_manage_groups(making.actor, where.facts, found.school_year)
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    return found, where, verdict.under


def name_errors(name: str) -> list[UserError]:
    if name and len(name) <= LONGEST_NAME and name.isprintable():
        return []
    text = f"A student group's name has 1 to {LONGEST_NAME} characters."
    return [UserError(["input", "name"], "INVALID_NAME", "S1-40", text, "Choose a name that its teachers know.")]


def changed_meanwhile() -> RefusedChangeError:
    text = "The student group was changed at this moment."
    remedy = "Reload it, then try again."
    return RefusedChangeError([UserError(["input", "expectedVersion"], "CHANGED", None, text, remedy)])


async def _carried_out(making: Change, target: Target, work: Callable[[Connection], Awaitable[GroupId]]) -> GroupRow:
    try:
        return GroupRow(await making.carry_out(target, work), [])
    except RefusedChangeError as refused:
        return GroupRow(None, refused.errors)


async def _create(
    making: Change, where: OrganizationRecord, asked: CreateGroupAsked, connection: Connection
) -> GroupId:
    new = GroupId(making.asking.new_id())
    first = await first_result(making, connection, asked.key, digest_of(asked), new)
    if first != new:
        return GroupId(first)
    verdict = may_manage_groups(making.actor, where.facts, asked.school_year)
    if verdict.refusal is not None:
        raise RefusedChangeError([user_error(verdict.refusal)])
    errors = name_errors(asked.name)
    if not where.active:
        text, remedy = "The organization is closed.", "Choose one that is open."
        errors.append(UserError(["input", "organization"], "CLOSED", "S1-40", text, remedy))
    if not errors:
        errors = await _taken(connection, where.id, asked.school_year, asked.name, None)
    if errors:
        raise RefusedChangeError(errors)
    await create_group(connection, NewStudentGroup(new, where.id, asked.school_year, asked.name, asked.subject_area))
    after = {"organization": str(where.id), "school_year": asked.school_year}
    await making.audit(connection, Target("student_group", str(new)), verdict.under, after=after)
    return new


async def _rename(making: Change, group: GroupId, asked: EditGroupAsked, connection: Connection) -> GroupId:
    found, where, under = await managed_group(making, connection, group)
    errors = name_errors(asked.name) or await _taken(connection, where.id, found.school_year, asked.name, group)
    if errors:
        raise RefusedChangeError(errors)
    if not await rename_group(connection, group, asked.name, asked.expected_version):
        raise changed_meanwhile()
    after = {"version": asked.expected_version + 1}
    await making.audit(connection, Target("student_group", str(group)), under, after=after)
    return group


async def _delete(making: Change, group: GroupId, asked: EditGroupAsked, connection: Connection) -> GroupId:
    found, where, under = await managed_group(making, connection, group)
    if found.version != asked.expected_version:
        raise changed_meanwhile()
    users = await delete_group(connection, group)
    before = {
        "organization": str(where.id), "school_year": found.school_year, "students": found.student_count,
        "users": sorted(str(one) for one in users),
    }  # fmt: skip
    await making.audit(connection, Target("student_group", str(group)), under, before=before)
    if users:
        await making.tell(connection, users)
    return group


async def _taken(
    connection: Connection, where: OrganizationId, school_year: SchoolYear, name: str, but: GroupId | None
) -> list[UserError]:
    found = await group_named(connection, where, school_year, name)
    if found in (None, but):
        return []
    text = "The organization has a student group of this name in that year."
    return [UserError(["input", "name"], "NAME_TAKEN", "S1-40", text, "Choose another name, or rename that one.")]
