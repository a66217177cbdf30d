"""Failures in a row, counted in the database: all processes share them, and of parallel attempts each counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.attempts import Limit
from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that isn't looked at. `wait`: until the next one is; None: no further one is, until a success."""

    wait: timedelta | None


async def take_attempt(connection: Connection, key: bytes, limit: Limit, now: datetime) -> Refused | None:
    """Count a failure before the attempt is judged; None: it may be. A success takes it back, or forgets them all."""
    taken = await connection.fetchval(
        statements("attempts")["take"],
        key, now, limit.free, limit.first, limit.longest, limit.most, limit.forget,
    )  # fmt: skip
    if taken is not None:
        return None
    row = await connection.fetchrow(statements("attempts")["open_at"], key)
    if row is None:
        return Refused(timedelta(0))
    if limit.most is not None and row["failures"] >= limit.most:
        return Refused(None)
    return Refused(max(row["open_at"] - now, timedelta(0)))


async def give_attempt_back(connection: Connection, key: bytes, limit: Limit) -> None:
    """One attempt less: it was none."""
    await connection.execute(statements("attempts")["give_back"], key, limit.free)


async def forget_attempts(connection: Connection, keys: Sequence[bytes]) -> None:
    """The row of failures has ended with a success."""
    await connection.execute(statements("attempts")["forget"], list(keys))
