"""Role assignments: read for a whole list of users at once, made and taken away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from policy.access import RowFilter
from policy.facts import AssignmentStatus, Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRefusedError, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.reach import ReachedRows, with_clause
from store.records import AssignmentRecord, Count, Page
from store.statements import statements

_KIND = "assignments"
_NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """A role to be given. `assigned_by` is None where nobody gave it: then `origin` is `directory` or `operator`.

    `school_year` is '' for a role of a pack that is not tied to a year.
    """

    id: AssignmentId
    user: UserId
    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear
    organization: OrganizationId
    assigned_at: datetime
    primary: bool = False
    origin: str = "person"
    assigned_by: UserId | None = None
    assigned_under: str | None = None
    last_day: date | None = None


async def assignments_by_ids(
    connection: Connection, ids: Collection[AssignmentId], own: OwnSystems | None = None
) -> dict[AssignmentId, AssignmentRecord]:
    """Those that exist, in one statement."""
    parameters = Parameters()
    reached = ReachedRows(parameters, None, own)
    columns, wanted = _columns(reached), parameters.add(list(ids), "uuid[]")
    text = fill("assignments", "by_ids", **{"with": with_clause(*reached.ctes())}, columns=columns, ids=wanted)
    return {row["id"]: assignment_record(row) for row in await connection.fetch(text, *parameters.values)}


async def assignments_of_users(
    connection: Connection,
    users: Collection[UserId],
    request: PageRequest,
    rows: RowFilter,
    own: OwnSystems | None = None,
) -> dict[UserId, Page[AssignmentRecord]]:
    """For each of the users, a page of the assignments that the caller may see. One statement for all of them.

    Ordered by program, year, organization and role; past years too, where the reach holds them.
    Raises PageRefusedError.
    """
    program, school_year, organization, role = _position(request.after)
    parameters = Parameters()
    reached = ReachedRows(parameters, rows, own)
    parts = {
        "columns": _columns(reached),
        "reached": reached.assignment("a"),
        "users": parameters.add(list(users), "uuid[]"),
        "after_program": parameters.add(program, "text"),
        "after_year": parameters.add(school_year, "text"),
        "after_organization": parameters.add(organization, "uuid"),
        "after_role": parameters.add(role, "text"),
        "limit": parameters.add(request.first + 1, "int"),
    }
    text = fill("assignments", "of_users", **{"with": with_clause(*reached.ctes())}, **parts)
    found: dict[UserId, list[Row]] = {user: [] for user in users}
    for row in await connection.fetch(text, *parameters.values):
        found[row["user_id"]].append(row)
    return {user: page_of(mine, request, assignment_record, _cursor) for user, mine in found.items()}


async def count_assignments_of_users(
    connection: Connection, users: Collection[UserId], rows: RowFilter, own: OwnSystems | None = None
) -> dict[UserId, Count]:
    """For each of the users, how many assignments the caller may see. One statement for all of them."""
    parameters = Parameters()
    reached = ReachedRows(parameters, rows, own)
    condition = reached.assignment("a")
    wanted, limit = parameters.add(list(users), "uuid[]"), parameters.add(COUNTED_EXACTLY + 1, "int")
    text = fill(
        "assignments", "count_of_users", **{"with": with_clause(*reached.ctes())},
        reached=condition, users=wanted, limit=limit,
    )  # fmt: skip
    return {row["user_id"]: count_of(row["found"]) for row in await connection.fetch(text, *parameters.values)}


async def insert_assignment(connection: Connection, new: NewAssignment) -> None:
    """Give the role. Raises asyncpg.UniqueViolationError when she holds it already, LookupError when user or
    organization is unknown. The caller raises the person's access version afterwards, as the last thing.
    """
    done = await connection.execute(
        statements("assignments")["insert"],
        new.id, new.user, new.program, new.role, new.school_year, new.organization, new.primary, new.origin,
        new.assigned_by, new.assigned_under, new.assigned_at, new.last_day,
    )  # fmt: skip
    if done != "INSERT 0 1":
        raise LookupError("The user or the organization of the new assignment does not exist.")


async def delete_assignments(connection: Connection, ids: Collection[AssignmentId]) -> frozenset[UserId]:
    """Take the assignments away; whose they were. The caller raises these persons' access versions afterwards."""
    rows = await connection.fetch(statements("assignments")["delete"], list(ids))
    return frozenset(row["user_id"] for row in rows)


def assignment_record(row: Row) -> AssignmentRecord:
    return AssignmentRecord(
        id=row["id"],
        user_id=row["user_id"],
        program=row["program"],
        role=row["role"],
        organization_id=row["organization_id"],
        lea_id=row["lea_id"],
        level=Level(row["level"]),
        school_year=row["school_year"],
        status=AssignmentStatus(row["status"]),
        primary=row["primary"],
        origin=row["origin"],
        assigned_by=row["assigned_by"],
        assigned_under=row["assigned_under"],
        assigned_at=row["assigned_at"],
        last_day=row["last_day"],
        in_own_systems=row["in_own_systems"],
    )


def _columns(reached: ReachedRows) -> str:
    return fill("assignments", "columns", in_own_systems=reached.assignment_in_own_systems("a"))


def _cursor(row: Row) -> str:
    return write_cursor(_KIND, row["program"], row["school_year"], str(row["organization_id"]), row["role"])


def _position(after: str | None) -> tuple[Any, ...]:
    if after is None:
        return "", "", _NIL, ""
    program, school_year, organization, role = read_cursor(_KIND, 4, after)
    try:
        return program, school_year, UUID(organization), role
    except ValueError as error:
        raise PageRefusedError(
            "after", "after isn't a cursor of this service: use an endCursor that it gave."
        ) from error
