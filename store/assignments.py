"""Role assignments as facts, by id; made and taken away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from policy.facts import AssignmentStatus, Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.own_systems import OwnSystems
from store.reach import ReachedRows
from store.records import AssignmentRecord
from store.statements import statements


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
    text = fill("assignments", "by_ids", columns=columns, ids=wanted)
    return {row["id"]: assignment_record(row) for row in await connection.fetch(text, *parameters.values)}


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


async def set_last_day(connection: Connection, assignment: AssignmentId, last_day: date | None) -> None:
    """The caller raises the person's access version afterwards."""
    await connection.execute(statements("assignments")["set_last_day"], assignment, last_day)


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
        version=row["version"],
        in_own_systems=row["in_own_systems"],
    )


def _columns(reached: ReachedRows) -> str:
    return fill("assignments", "columns", in_own_systems=reached.assignment_in_own_systems("a"))
