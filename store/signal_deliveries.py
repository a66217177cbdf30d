"""What a stream has still to tell: claimed by one process at a time, told in order, then gone or put aside."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.ids import UserId
from policy.signals import Kind
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one stream. `jti` and times stay the same however often it is sent."""

    number: int
    jti: UUID
    kind: Kind
    user: UserId | None
    """None: everybody, or the stream itself."""
    session: UUID | None
    details: Mapping[str, Any]
    txn: UUID
    at: datetime
    issued_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event about the stream itself."""

    jti: UUID
    kind: Kind
    details: Mapping[str, Any]
    txn: UUID


async def waiting(connection: Connection, stream: UUID, most: int, *, running: bool) -> tuple[Delivery, ...]:
    """The first events that wait. Not `running`: only what is said about the stream itself."""
    rows = await connection.fetch(statements("signal_deliveries")["waiting"], stream, most, running)
    return tuple(
        Delivery(
            row["number"],
            row["jti"],
            Kind(row["kind"]),
            row["user_id"],
            row["session_id"],
            row["details"],
            row["txn"],
            row["at"],
            row["issued_at"],
            row["attempts"],
        )
        for row in rows
    )


async def count_waiting(connection: Connection, stream: UUID, most: int) -> int:
    """How many wait, counted up to `most`."""
    return await connection.fetchval(statements("signal_deliveries")["count_waiting"], stream, most)


async def add_event(connection: Connection, stream: UUID, event: StreamEvent, now: datetime) -> None:
    """Behind everything that waits."""
    arguments = stream, event.jti, event.kind, event.details, event.txn, now
    await connection.execute(statements("signal_deliveries")["add"], *arguments)


async def claim(connection: Connection, worker: UUID, now: datetime, until: datetime) -> UUID | None:
    """A stream that something may be pushed to and that nobody else has in hand; it is this worker's until then."""
    return await connection.fetchval(statements("signal_deliveries")["claim"], now, worker, until)


async def keep(connection: Connection, stream: UUID, worker: UUID, until: datetime) -> bool:
    """Hold a stream longer. False: somebody else has it by now."""
    return bool(await connection.fetchval(statements("signal_deliveries")["keep"], stream, worker, until))


async def let_go(connection: Connection, stream: UUID, worker: UUID) -> None:
    await connection.execute(statements("signal_deliveries")["let_go"], stream, worker)


async def delivered(connection: Connection, stream: UUID, numbers: Collection[int], now: datetime) -> None:
    """The receiver has them."""
    await connection.execute(statements("signal_deliveries")["delivered"], stream, list(numbers), now)


async def acknowledge(connection: Connection, stream: UUID, jtis: Collection[UUID], now: datetime) -> None:
    """The receiver says that it has them; others' and unknown ones are nobody's."""
    await connection.execute(statements("signal_deliveries")["acknowledge"], stream, list(jtis), now)


async def refuse(connection: Connection, stream: UUID, number: int, error: str, now: datetime) -> None:
    """The receiver will never take it: put aside with the error's code."""
    await connection.execute(statements("signal_deliveries")["refuse"], stream, number, now, error)


async def report_error(connection: Connection, stream: UUID, jti: UUID, error: str, now: datetime) -> None:
    """The same, by what a polling receiver reports."""
    await connection.execute(statements("signal_deliveries")["report_error"], stream, jti, now, error)


@dataclass(frozen=True, slots=True)
class Failure:
    """What can't be told now, why (a code), and when it is tried again."""

    numbers: Collection[int]
    error: str
    again_at: datetime


async def fail(connection: Connection, stream: UUID, failure: Failure, now: datetime) -> None:
    arguments = stream, list(failure.numbers), now, failure.again_at, failure.error
    await connection.execute(statements("signal_deliveries")["fail"], *arguments)
