"""The decision log: written in batches, read by operators with SQL, thinned by age. Ids only; of students nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One decision as it is kept. Columns in the table's order."""

    id: UUID
    at: datetime
    asker_client: str | None
    asker_user: UUID | None
    subject: UUID | None
    permission: str | None
    resource_kind: str
    resource_id: str | None
    allowed: bool
    reason: str
    access_version: int | None
    request_id: str


_COLUMNS = tuple(field.name for field in fields(LoggedDecision))
_VALUES = attrgetter(*_COLUMNS)


async def write_decisions(connection: Connection, decisions: Sequence[LoggedDecision]) -> None:
    """All of them in one copy."""
    records = [_VALUES(one) for one in decisions]
    await connection.copy_records_to_table("decision_log", records=records, columns=_COLUMNS)


async def delete_decisions_before(connection: Connection, moment: datetime, most: int) -> int:
    """Delete up to `most` that are older, oldest first; how many there were."""
    return await connection.fetchval(statements("decision_log")["delete_before"], moment, most)
