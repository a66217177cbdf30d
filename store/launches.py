"""Launches: from which role somebody has just gone to a relying party, so that it is let in under that one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.grant import ActiveRole
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear
from store.database import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Launch:
    """`place`: the one organization to which she had narrowed the role."""

    token_hash: bytes
    session: UUID
    client_id: str
    role: ActiveRole
    place: OrganizationId | None
    created_at: datetime
    expires_at: datetime


async def insert_launch(connection: Connection, launch: Launch) -> None:
    role = launch.role
    await connection.execute(
        statements("launches")["insert"],
        launch.token_hash,
        launch.session,
        launch.client_id,
        role.program,
        role.role,
        role.school_year,
        launch.place,
        launch.created_at,
        launch.expires_at,
    )


async def named_launch(
    connection: Connection, token_hash: bytes, session: UUID, client_id: str, now: datetime
) -> Launch | None:
    """The session's launch of this relying party with that token, unless it is too old."""
    row = await connection.fetchrow(statements("launches")["named"], token_hash, session, client_id, now)
    return None if row is None else _launch(row)


async def latest_launch(connection: Connection, session: UUID, client_id: str, now: datetime) -> Launch | None:
    """The session's last launch of this relying party, unless it is too old."""
    row = await connection.fetchrow(statements("launches")["latest"], session, client_id, now)
    return None if row is None else _launch(row)


async def use_launch(connection: Connection, launch: Launch) -> None:
    """It has led to an authorization: later requests don't find it, nor an earlier one unless they name that."""
    await connection.execute(statements("launches")["use"], launch.token_hash)
    arguments = launch.session, launch.client_id, launch.created_at
    await connection.execute(statements("launches")["pass_over"], *arguments)


def _launch(row: Row) -> Launch:
    year, place = row["school_year"], row["place_id"]
    return Launch(
        row["token_hash"],
        row["session_id"],
        row["client_id"],
        ActiveRole(ProgramCode(row["program"]), RoleSlug(row["role"]), None if year is None else SchoolYear(year)),
        None if place is None else OrganizationId(place),
        row["created_at"],
        row["expires_at"],
    )
