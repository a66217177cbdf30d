"""The packs that count now in this process, read again when the database says that they changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from policy.packs import Packs
from store.database import Connection, Pool

Load = Callable[[Connection], Awaitable[Packs]]


class PacksInForce:
    """Keeps one registry and the epoch of access at which it was read."""

    def __init__(self, packs: Packs, epoch: int = 0) -> None:
        self._packs: Packs = packs
        self._epoch = epoch
        self._reading: Final = asyncio.Lock()

    @property
    def current(self) -> Packs:
        return self._packs

    async def keep_up(self, epoch: int, pool: Pool, load: Load) -> Packs:
        """The packs as of `epoch`, which the caller's first statement read: a request never uses older ones."""
        if epoch > self._epoch:
            async with self._reading:
                if epoch > self._epoch:
                    async with pool.acquire() as connection:
                        self._packs = await load(connection)
                    self._epoch = epoch
        return self._packs
