"""A person's sessions as she sees them herself: where she is signed in, since when, and ending one of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.ids import OrganizationId, UserId
from store.connection import Connection
from store.sessions import finish_session
from store.statements import statements


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session that runs. `user_agent` is what the browser called itself, if it did."""

    id: UUID
    user_agent: str | None
    began_at: datetime
    auth_time: datetime
    last_seen_at: datetime
    expires_at: datetime
    acr: str
    amr: tuple[str, ...]
    lea: OrganizationId | None
    """Where it came through an LEA's own identity provider."""
    entered: tuple[str, ...]
    """Labels of the relying parties that hold something from it, in order."""


async def own_sessions(connection: Connection, user: UserId, now: datetime, seen_since: datetime) -> list[OwnSession]:
    """Up to 100 sessions that run (not ended, not too old, seen since then), the one seen last first."""
    rows = await connection.fetch(statements("own_sessions")["running"], user, now, seen_since)
    return [
        OwnSession(
            row["id"],
            row["user_agent"],
            row["created_at"],
            row["auth_time"],
            row["last_seen_at"],
            row["expires_at"],
            row["acr"],
            tuple(row["amr"]),
            None if row["lea_id"] is None else OrganizationId(row["lea_id"]),
            tuple(row["entered"]),
        )
        for row in rows
    ]


async def finish_own_session(connection: Connection, user: UserId, session: UUID, now: datetime) -> bool:
    """End one of the person's sessions with all that came from it; False: she has no such session that runs.

    Call it in a transaction.
    """
    if not await connection.fetchval(statements("own_sessions")["lock"], session, user):
        return False
    await finish_session(connection, session, now)
    return True


async def finish_other_sessions(connection: Connection, user: UserId, kept: UUID, now: datetime) -> int:
    """End every session of the person but one, with all that came from them; how many ran.

    Call it in a transaction that has locked the person: who signs in at this moment waits for that, and stays.
    """
    found = [row["id"] for row in await connection.fetch(statements("own_sessions")["lock_others"], user, kept)]
    for session in found:
        await finish_session(connection, session, now)
    return len(found)
