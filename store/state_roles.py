"""Who holds the state's own roles, and when that was last confirmed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.facts import UserStatus
from policy.ids import AssignmentId, ProgramCode, RoleSlug, UserId
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class StateRole:
    id: AssignmentId
    user: UserId
    program: ProgramCode
    role: RoleSlug
    account: UserStatus
    assigned_at: datetime
    assigned_by: UserId | None
    confirmed_at: datetime | None
    confirmed_by: UserId | None


@dataclass(frozen=True, slots=True)
class DueStateRole:
    """A role that nobody has confirmed since `since`."""

    id: AssignmentId
    user: UserId
    program: ProgramCode
    role: RoleSlug
    since: datetime
    noticed_at: datetime | None


async def state_roles(connection: Connection, programs: Collection[ProgramCode]) -> list[StateRole]:
    """Everybody's, up to 200. `programs`: the packs that reach into every program."""
    rows = await connection.fetch(statements("state_roles")["held"], list(programs))
    return [
        StateRole(
            row["id"], row["user_id"], row["program"], row["role"], UserStatus(row["status"]), row["assigned_at"],
            row["assigned_by"], row["confirmed_at"], row["confirmed_by"],
        )
        for row in rows
    ]  # fmt: skip


async def clear_expired(connection: Connection, user: UserId, program: ProgramCode, role: RoleSlug) -> None:
    """An earlier assignment that ended unconfirmed gives way to a new one; the history keeps it."""
    await connection.execute(statements("state_roles")["clear_expired"], user, program, role)


async def held_by(connection: Connection, user: UserId, program: ProgramCode, role: RoleSlug) -> AssignmentId | None:
    """Her active assignment of the role, locked."""
    return await connection.fetchval(statements("state_roles")["of_person"], user, program, role)


async def lock_state_role(
    connection: Connection, identifier: UUID, programs: Collection[ProgramCode]
) -> tuple[AssignmentId, UserId, RoleSlug] | None:
    row = await connection.fetchrow(statements("state_roles")["by_id"], identifier, list(programs))
    return None if row is None else (row["id"], row["user_id"], row["role"])


async def confirm_state_role(connection: Connection, assignment: AssignmentId, by: UserId, now: datetime) -> None:
    await connection.execute(statements("state_roles")["confirm"], assignment, now, by)


async def due_state_roles(
    connection: Connection, programs: Collection[ProgramCode], before: datetime
) -> list[DueStateRole]:
    """Those last confirmed before then, the longest held first, locked."""
    return [_due(row) for row in await connection.fetch(statements("state_roles")["due"], list(programs), before)]


async def note_notice(connection: Connection, assignment: AssignmentId, now: datetime) -> None:
    await connection.execute(statements("state_roles")["noticed"], assignment, now)


async def expire_state_roles(connection: Connection, ids: Collection[AssignmentId]) -> frozenset[UserId]:
    """Whose they were; the caller raises their access versions."""
    return frozenset(row["user_id"] for row in await connection.fetch(statements("state_roles")["expire"], list(ids)))


def _due(row: Row) -> DueStateRole:
    return DueStateRole(row["id"], row["user_id"], row["program"], row["role"], row["since"], row["noticed_at"])
