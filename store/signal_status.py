"""A stream is stopped or begun again without its receiver's asking, and its receiver is told so."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.signals import Kind
from store.connection import Connection
from store.signal_deliveries import StreamEvent, add_event
from store.signal_streams import SetBy, Status, set_status


@dataclass(frozen=True, slots=True)
class StatusChange:
    """`jti` and `txn` are those of the event that tells of it."""

    status: Status
    by: SetBy
    reason: str | None
    jti: UUID
    txn: UUID


async def change_status(connection: Connection, stream: UUID, change: StatusChange, now: datetime) -> None:
    """Of a locked stream. The event is told also where nothing else is any more (SSF 1.0 8.1.5)."""
    await set_status(connection, stream, change.status, change.by, change.reason, now)
    details = {"status": change.status.value} | ({"reason": change.reason} if change.reason else {})
    await add_event(connection, stream, StreamEvent(change.jti, Kind.STREAM_UPDATED, details, change.txn), now)
