"""Work that waits for another transaction: let go as far as it gets, so that what comes next comes in a known order."""

import asyncio
from typing import Any

from store.database import Connection

_WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


async def as_far_as_it_gets(connection: Connection, task: asyncio.Task[Any], *, waiting: int = 1) -> None:
    """Until it is done, or so many wait for others. `connection` is in no transaction: there nothing would change."""
    while await connection.fetchval(_WAITING) < waiting:
        done, _ = await asyncio.wait((task,), timeout=0.01)
        if done:
            return
