"""How far the delivery of messages has come, for the help desk: whom, which mail, what the mail server said."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection, Row
from store.messages import Problem
from store.statements import statements


class MailState(StrEnum):
    """How a mail stands."""

    QUEUED = "queued"
    HELD = "held"
    """Until a time."""
    SENDING = "sending"
    SENT = "sent"
    """The mail server has taken it."""
    FAILED = "failed"
    """It comes again."""
    DEAD = "dead"
    """Given up, and kept to be tried again by hand."""
    DROPPED = "dropped"
    """Nobody needs it any longer, or there is no address."""


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A message without its words, which are kept nowhere."""

    id: UUID
    user: UserId | None
    template: str
    state: MailState
    attempts: int
    answer_code: int | None
    problem: Problem | None
    cause: UUID | None
    created_at: datetime
    held_until: datetime | None
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    sent_at: datetime | None


async def deliveries(
    connection: Connection, user: UserId | None, states: Collection[MailState], limit: int
) -> list[DeliveryRecord]:
    """The newest first; `user` None: anybody's."""
    rows = await connection.fetch(statements("messages")["listed"], user, [one.value for one in states], limit)
    return [_record(row) for row in rows]


async def delivery_by_id(connection: Connection, id_: UUID) -> DeliveryRecord | None:
    row = await connection.fetchrow(statements("messages")["one"], id_)
    return None if row is None else _record(row)


async def lock_delivery(connection: Connection, id_: UUID) -> MailState | None:
    """How it stands, until the transaction ends; None: there is no such message."""
    state = await connection.fetchval(statements("messages")["locked_state"], id_)
    return None if state is None else MailState(state)


async def count_dead(connection: Connection) -> int:
    return await connection.fetchval(statements("messages")["dead_count"])


def _record(row: Row) -> DeliveryRecord:
    return DeliveryRecord(
        row["id"],
        UserId(row["user_id"]) if row["user_id"] else None,
        row["template"],
        MailState(row["state"]),
        row["attempts"],
        row["answer_code"],
        Problem(row["problem"]) if row["problem"] else None,
        row["cause"],
        row["created_at"],
        row["held_until"],
        row["last_attempt_at"],
        row["next_attempt_at"],
        row["sent_at"],
    )
