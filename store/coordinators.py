"""The coordinators of one LEA, program and year, and which of them is primary (S1-06, S1-08)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from policy.facts import UserStatus
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class LeaYear:
    """Where there is one primary coordinator at most."""

    lea: OrganizationId
    program: ProgramCode
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class HolderRecord:
    assignment: AssignmentId
    user: UserId
    assigned_at: datetime
    primary: bool
    active: bool
    """Whether the assignment itself is active, not suspended."""
    status: UserStatus


async def holders_at(
    connection: Connection, at: LeaYear, roles: Collection[RoleSlug], today: date
) -> list[HolderRecord]:
    """Who holds one of the roles there and whose last day isn't over, the longest assigned first."""
    rows = await connection.fetch(
        statements("coordinators")["holders"], at.lea, at.program, at.school_year, list(roles), today
    )
    return [
        HolderRecord(
            row["id"], row["user_id"], row["assigned_at"], row["primary"], row["status"] == "active",
            UserStatus(row["user_status"]),
        )
        for row in rows
    ]  # fmt: skip


async def unset_primary(connection: Connection, at: LeaYear, role: RoleSlug) -> dict[AssignmentId, UserId]:
    """Nobody is primary there any more; who was, by assignment."""
    rows = await connection.fetch(statements("coordinators")["unset_primary"], at.lea, at.program, at.school_year, role)
    return {row["id"]: row["user_id"] for row in rows}


async def set_primary(connection: Connection, assignment: AssignmentId) -> UserId | None:
    """Whose it is; None: the assignment isn't active. Call it where nobody is primary (UniqueViolationError else)."""
    return await connection.fetchval(statements("coordinators")["set_primary"], assignment)
