"""The outbox: jobs that are queued in the transaction of the change that causes them (pgqueuer's table)."""

from datetime import timedelta
from functools import cache

from store.connection import Connection


async def enqueue(
    connection: Connection, entrypoint: str, payload: bytes, *, priority: int = 0, delay: timedelta | None = None
) -> int:
    """Queue one job; its id. Rolled back with the caller's transaction. One job per upload, never one per row."""
    return await connection.fetchval(
        _enqueue_text(), [priority], [entrypoint], [payload], [delay or timedelta()], [None], [None], column=1
    )


@cache
def _enqueue_text() -> str:
    # pgqueuer's own text, not its driver: the driver hands over JSON as text, which this pool's codec would quote again
    from pgqueuer.adapters.persistence.qb import QueryQueueBuilder

    return QueryQueueBuilder().build_enqueue_query("raise")
