"""The stated rate: each mail waits for its slot, in the order in which the queue gave them to this process."""

import asyncio
from datetime import timedelta

from store.connection import Pool
from store.messages import take_slot


class Slots:
    """One process's queue for slots; the slots themselves are one row of the database for all processes."""

    def __init__(self, mails_per_second: int) -> None:
        self._spacing = timedelta(seconds=1) / mails_per_second
        self._in_order = asyncio.Lock()

    async def wait(self, pool: Pool) -> None:
        """Until a mail may go."""
        # The lock keeps the order: connections are not given out in the order in which they are asked for.
        async with self._in_order, pool.acquire() as connection:
            wait = await take_slot(connection, self._spacing)
        await asyncio.sleep(wait.total_seconds())
