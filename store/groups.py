"""Student groups as facts, by id; made, renamed, given to users; members are keyed hashes, never students."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from policy.facts import Level
from policy.ids import GroupId, OrganizationId, SchoolYear, UserId
from store.composed import fill
from store.connection import Connection, Row
from store.keys_of import text_key
from store.records import StudentGroupRecord
from store.statements import statements


@dataclass(frozen=True, slots=True)
class NewStudentGroup:
    """A roster to be made; its name must be free there in that year (asyncpg.UniqueViolationError else)."""

    id: GroupId
    organization: OrganizationId
    school_year: SchoolYear
    name: str
    subject_area: str | None = None
    student_count: int = 0


async def groups_by_ids(connection: Connection, ids: Collection[GroupId]) -> dict[GroupId, StudentGroupRecord]:
    """Those that exist, in one statement."""
    text = fill("groups", "by_ids", columns=fill("groups", "columns"), ids="$1::uuid[]")
    return {row["id"]: group_record(row) for row in await connection.fetch(text, list(ids))}


async def create_group(connection: Connection, new: NewStudentGroup) -> None:
    """Raises asyncpg.UniqueViolationError when the name is taken, LookupError when the organization is unknown."""
    done = await connection.execute(
        statements("groups")["create"],
        new.id, new.organization, new.school_year, new.name, text_key(new.name), new.subject_area, new.student_count,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise LookupError("The organization of the new student group does not exist.")


async def group_named(
    connection: Connection, organization: OrganizationId, school_year: SchoolYear, name: str
) -> GroupId | None:
    """The organization's group of that year with this name, whatever its case and accents."""
    return await connection.fetchval(statements("groups")["named"], organization, school_year, text_key(name))


async def rename_group(connection: Connection, group: GroupId, name: str, expected_version: int) -> bool:
    """False when the group is gone or its version is another by now."""
    done = await connection.execute(statements("groups")["rename"], group, expected_version, name, text_key(name))
    return done == "UPDATE 1"


async def delete_group(connection: Connection, group: GroupId) -> frozenset[UserId]:
    """Whose group it was: the caller raises their access versions afterwards."""
    return frozenset(row["user_id"] for row in await connection.fetch(statements("groups")["delete"], group))


async def assign_group(connection: Connection, group: GroupId, user: UserId, by: UserId | None, at: datetime) -> bool:
    """False when the user had it already. The caller raises the user's access version afterwards."""
    return await connection.execute(statements("groups")["assign"], group, user, by, at) == "INSERT 0 1"


async def unassign_group(connection: Connection, group: GroupId, user: UserId) -> bool:
    """False when the user didn't have it. The caller raises the user's access version afterwards."""
    return await connection.execute(statements("groups")["unassign"], group, user) == "DELETE 1"


async def replace_members(connection: Connection, group: GroupId, member_keys: Collection[bytes]) -> tuple[int, int]:
    """Let the group hold these students and no others, and count them; how many came and how many went.

    `member_keys`: keyed hashes of students; a plain student number must never come here.
    """
    row = await connection.fetchrow(statements("groups")["replace_members"], group, list(member_keys))
    assert row is not None  # noqa: S101 - counts are always a row
    return row["added"], row["removed"]


async def set_group_subject(connection: Connection, group: GroupId, subject: str | None) -> bool:
    """False when it is the group's subject already."""
    return await connection.execute(statements("groups")["set_subject"], group, subject) == "UPDATE 1"


async def users_of_groups(connection: Connection, groups: Collection[GroupId]) -> dict[GroupId, tuple[UserId, ...]]:
    """Who each group is assigned to, in one statement."""
    found: dict[GroupId, list[UserId]] = {group: [] for group in groups}
    for row in await connection.fetch(statements("groups")["users_of_groups"], list(groups)):
        found[row["group_id"]].append(row["user_id"])
    return {group: tuple(users) for group, users in found.items()}


def group_record(row: Row) -> StudentGroupRecord:
    return StudentGroupRecord(
        id=row["id"],
        organization_id=row["organization_id"],
        lea_id=row["lea_id"],
        level=Level(row["level"]),
        school_year=row["school_year"],
        name=row["name"],
        subject_area=row["subject"],
        student_count=row["student_count"],
        version=row["version"],
    )
