"""Assignments of a named year, also one that is over: an organization's, in pages, and what was decided on them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.facts import AssignmentStatus, Level, Organization, UserStatus
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.composed import fill
from store.connection import Connection, Row
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.records import Count, Page
from store.statements import statements

_SQL: Final = "earlier_assignments"
_CURSOR: Final = "earlier assignments"
_NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class EarlierAssignment:
    """`organization` as it is now; `was_suspended`: at its year's end or, of a year that isn't over, now. `left_out`:
    somebody decided not to bring it back into the year in question.
    """

    id: AssignmentId
    user: UserId
    first_name: str
    last_name: str
    account: UserStatus
    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear
    status: AssignmentStatus
    was_suspended: bool
    organization: Organization
    merged_into: OrganizationId | None
    left_out: bool
    readdressed: bool
    """Somebody else has changed the person's address since the role was given."""


@dataclass(frozen=True, slots=True)
class Sought:
    """One program's year at an organization, for an LEA with its schools; `roles` empty: whatever role."""

    organization: OrganizationId
    level: Level
    program: ProgramCode
    school_year: SchoolYear
    into: SchoolYear
    roles: frozenset[RoleSlug] = frozenset()

    @property
    def _in_lea(self) -> bool:
        return self.level is Level.LEA

    @property
    def where(self) -> str:
        return "in_lea" if self._in_lea else "at_organization"


async def page_of_earlier(connection: Connection, sought: Sought, request: PageRequest) -> Page[EarlierAssignment]:
    """By name. Raises PageRefusedError for a cursor that isn't one of this list."""
    key, user, identifier = read_cursor(_CURSOR, 3, request.after) if request.after else ("", str(_NIL), str(_NIL))
    rows = await connection.fetch(
        _with_columns(sought.where),
        sought.into, sought.organization, sought.program, sought.school_year, sorted(sought.roles),
        key, UUID(user), UUID(identifier), request.first + 1,
    )  # fmt: skip
    return page_of(
        rows, request, _record, lambda row: write_cursor(_CURSOR, row["name_key"], str(row["user_id"]), str(row["id"]))
    )


async def count_earlier(connection: Connection, sought: Sought) -> Count:
    found = await connection.fetchval(
        statements(_SQL)[f"count_{sought.where}"],
        sought.organization, sought.program, sought.school_year, sorted(sought.roles), COUNTED_EXACTLY + 1,
    )  # fmt: skip
    return count_of(found)


async def earlier_by_ids(
    connection: Connection, ids: Collection[AssignmentId], into: SchoolYear
) -> Mapping[AssignmentId, EarlierAssignment]:
    """Those that exist, of people who aren't deleted."""
    rows = await connection.fetch(_with_columns("by_ids"), into, list(ids))
    return {row["id"]: _record(row) for row in rows}


async def leave_out(
    connection: Connection, ids: Collection[AssignmentId], into: SchoolYear, by: UserId, now: datetime
) -> None:
    """Keep that these aren't to be brought back into that year; bringing one back forgets it."""
    await connection.execute(statements(_SQL)["leave_out"], list(ids), into, by, now)


async def take_in(connection: Connection, ids: Collection[AssignmentId], into: SchoolYear) -> None:
    await connection.execute(statements(_SQL)["take_in"], list(ids), into)


async def wake(connection: Connection, users: Collection[UserId]) -> tuple[UserId, ...]:
    """Let the inactive of these people come back; those who have never had a password, and need an invitation."""
    rows = await connection.fetch(statements(_SQL)["wake"], list(users))
    return tuple(row["id"] for row in rows if row["status"] == "invited")


def _with_columns(rest: str) -> str:
    return fill(_SQL, rest, columns=statements(f"composed/{_SQL}")["columns"])


def _record(row: Row) -> EarlierAssignment:
    where = Organization(
        row["organization_id"], Level(row["level"]), row["code"], row["name"], row["lea_id"], row["lea_code"],
        row["active"],
    )  # fmt: skip
    status = AssignmentStatus(row["status"])
    return EarlierAssignment(
        id=row["id"], user=row["user_id"], first_name=row["first_name"], last_name=row["last_name"],
        account=UserStatus(row["account"]), program=row["program"], role=row["role"], school_year=row["school_year"],
        status=status, was_suspended=row["was_suspended"] or status is AssignmentStatus.SUSPENDED, organization=where,
        merged_into=row["merged_into"], left_out=row["left_out"],
        readdressed=row["readdressed"],
    )  # fmt: skip
