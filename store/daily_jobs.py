"""How far the daily jobs have come: one process at a time, and none does a finished day's work again."""

from dataclasses import dataclass
from datetime import date

from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a day's work that is to be done; `position`: behind what, None: from the beginning."""

    position: str | None


async def begin_slice(connection: Connection, name: str, day: date) -> Slice | None:
    """In a transaction, which keeps every other process from it; None: finished, or another process is at it."""
    await connection.execute(statements("daily_jobs")["ensure"], name)
    row = await connection.fetchrow(statements("daily_jobs")["begin"], name, day)
    return None if row is None else Slice(row["position"])


async def last_finished(connection: Connection, name: str) -> date | None:
    """The last day whose work is finished; None: there is none yet."""
    return await connection.fetchval(statements("daily_jobs")["last_finished"], name)


async def end_slice(connection: Connection, name: str, day: date, position: str | None) -> None:
    """The next part begins behind `position`; None: the day's work is finished."""
    if position is None:
        await connection.execute(statements("daily_jobs")["finish"], name, day)
    else:
        await connection.execute(statements("daily_jobs")["advance"], name, day, position)
