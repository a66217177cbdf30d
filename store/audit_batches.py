"""Sealed batches of the audit trail as they are stored: made of what is final, and read for verification."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from policy.sealing import GENESIS, Batch, Event, Head, SealedBatch, sealed, spans_of
from store.composed import fill
from store.connection import Connection, Row

MOST_EVENTS = 5_000
"""Of one batch."""
_BATCHES_AT_ONCE = 500
_MOST_OUTSIDE = 1_000
_RANGE: Any = asyncpg.Range


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that lie in no batch yet, and since when the oldest of them waits."""

    events: int
    oldest: datetime | None


async def seal_next(connection: Connection, key: bytes, now: datetime, most: int = MOST_EVENTS) -> SealedBatch | None:
    """Seal up to `most` events that are final, in a transaction of its own.

    None: there are none, or another process is sealing. An event is final once no transaction can commit one with a
    smaller number anymore that isn't here: those of transactions in flight wait for the next batch.
    """
    async with connection.transaction():
        if not await connection.fetchval(_text("lock")):
            return None
        last = await _last(connection)
        settled = last.batch.settled if last else 0
        moment = await connection.fetchrow(_text("snapshot"))
        if moment is None:
            return None
        oldest, horizon = moment["oldest_running"], moment["first_not_begun"]
        rows = await connection.fetch(_with_columns("unsealed"), settled, str(oldest), str(horizon), most)
        if not rows:
            return None
        known = max(settled, await connection.fetchval(_text("settled"), settled, oldest, horizon))
        batch = Batch(
            number=last.batch.number + 1 if last else 1,
            sealed_at=_moment(now),
            spans=spans_of(row["id"] for row in rows),
            events=len(rows),
            settled=min(known, rows[-1]["id"]) if len(rows) == most else known,
            horizon=horizon,
            previous=last.hash if last else GENESIS,
        )
        made = sealed(batch, _events(rows), key)
        await _add(connection, made, now)
    return made


async def head(connection: Connection) -> Head | None:
    """The last batch; None: nothing is sealed yet."""
    last = await _last(connection)
    return Head(last.batch.number, last.hash) if last else None


async def hash_of_batch(connection: Connection, number: int) -> bytes | None:
    row = await connection.fetchrow(_text("one"), number)
    return None if row is None else row["hash"]


async def batches(connection: Connection, after: int = 0) -> AsyncIterator[SealedBatch]:
    """All batches behind the one of this number, in order, a page at a time."""
    while rows := await connection.fetch(_text("page"), after, _BATCHES_AT_ONCE):
        for row in rows:
            yield _sealed(row)
        after = rows[-1]["number"]


async def events_of(connection: Connection, batch: Batch) -> Sequence[Event]:
    """The stored events of a batch, in the order of their ids."""
    first, last = batch.spans[0][0], batch.spans[-1][1]
    return _events(await connection.fetch(_with_columns("events_of"), first, last, _multirange(batch)))


async def count_batches(connection: Connection) -> int:
    row = await connection.fetchrow(_text("count"), 0)
    return row["batches"] if row else 0


async def outside(connection: Connection, settled: int) -> Sequence[int]:
    """Ids of events up to `settled` that lie in no batch: up to a thousand of them."""
    row = await connection.fetchrow(_text("count"), settled)
    if row is None or row["events"] == row["sealed"]:
        return ()
    return [found["id"] for found in await connection.fetch(_text("outside"), settled, _MOST_OUTSIDE)]


async def waiting(connection: Connection) -> Waiting:
    last = await _last(connection)
    row = await connection.fetchrow(_text("waiting"), last.batch.settled if last else 0)
    return Waiting(row["events"], row["oldest"]) if row else Waiting(0, None)


async def _last(connection: Connection) -> SealedBatch | None:
    row = await connection.fetchrow(_text("last"))
    return None if row is None else _sealed(row)


async def _add(connection: Connection, made: SealedBatch, now: datetime) -> None:
    one = made.batch
    await connection.execute(
        _text("add"), one.number, now, _multirange(one), one.events, one.settled, one.horizon, one.previous, made.hash,
        made.seal,
    )  # fmt: skip


def _sealed(row: Row) -> SealedBatch:
    spans = tuple((one.lower, one.upper - 1) for one in row["ids"])
    batch = Batch(
        row["number"], _moment(row["sealed_at"]), spans, row["events"], row["settled_id"], row["horizon"],
        row["previous_hash"],
    )  # fmt: skip
    return SealedBatch(batch, row["hash"], row["seal"])


def _events(rows: Sequence[Row]) -> list[Event]:
    return [dict(row.items()) for row in rows]


def _multirange(batch: Batch) -> list[Any]:
    return [_RANGE(first, last + 1) for first, last in batch.spans]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _text(name: str) -> str:
    return fill("audit_batches", name)


def _with_columns(name: str) -> str:
    return fill("audit_batches", name, columns=fill("audit_batches", "columns"))
