"""Failures in a row, counted in the database: all processes share them, and of parallel attempts each counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from policy.attempts import Limit
from store.composed import fill
from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Counted:
    """One count of failures: under which key, and how far it may go."""

    key: bytes
    limit: Limit


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that isn't looked at. `wait`: until the next one is; None: no further one is, until a success."""

    wait: timedelta | None


async def take_attempts(connection: Connection, counted: Sequence[Counted], now: datetime) -> Refused | None:
    """Count a failure before the attempt is judged; None: it may be. A success takes it back, or forgets them all.

    In this order, each only where those before it let the attempt pass.
    """
    if not counted:
        return None
    limits = [one.limit for one in counted]
    taken: int = await connection.fetchval(
        _take(len(counted)),
        [one.key for one in counted], now, [one.free for one in limits], [one.first for one in limits],
        [one.longest for one in limits], [one.most for one in limits], [one.forget for one in limits],
    )  # fmt: skip
    return None if taken == len(counted) else await _refusal(connection, counted[taken], now)


async def _refusal(connection: Connection, counted: Counted, now: datetime) -> Refused:
    row = await connection.fetchrow(statements("attempts")["open_at"], counted.key)
    if row is None:
        return Refused(timedelta(0))
    if counted.limit.most is not None and row["failures"] >= counted.limit.most:
        return Refused(None)
    return Refused(max(row["open_at"] - now, timedelta(0)))


async def attempts_succeeded(
    connection: Connection, forgotten: Sequence[bytes], given_back: Sequence[Counted] = ()
) -> None:
    """These rows of failures have ended with a success; those get the one attempt back, which was none."""
    await connection.execute(
        statements("attempts")["succeeded"],
        list(forgotten), [one.key for one in given_back], [one.limit.free for one in given_back],
    )  # fmt: skip


@lru_cache
def _take(counts: int) -> str:
    """One statement for so many counts: each is tried where the one before has let the attempt pass."""
    places = range(1, counts + 1)
    steps = [
        fill(
            "attempts", "take", place=str(at), before=fill("attempts", "after", place=str(at - 1)) if at > 1 else "true"
        )
        for at in places
    ]
    taken = " + ".join(fill("attempts", "taken", place=str(at)) for at in places)
    return fill("attempts", "all", steps=", ".join(steps), taken=taken)
