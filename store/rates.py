"""Counts requests by spans of time in the database: all processes share them."""

from datetime import datetime, timedelta

from policy.rates import Rate
from store.connection import Connection
from store.statements import statements


async def wait_of_rate(connection: Connection, key: bytes, rate: Rate, now: datetime) -> timedelta | None:
    """Count one more in the span of now. Not None: it is one too many, and the next span begins after so long."""
    counted = await connection.fetchval(statements("rates")["count"], key, now, rate.most, rate.span)
    if counted is not None:
        return None
    ends_at = await connection.fetchval(statements("rates")["ends_at"], key)
    return timedelta(0) if ends_at is None else max(ends_at - now, timedelta(0))
