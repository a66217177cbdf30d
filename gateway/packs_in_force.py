"""The packs that count now in this process, read again when the database says that they may have changed."""

import asyncio
from typing import Final

from policy.packs import Packs
from store.access_version import read_epoch
from store.database import Connection
from store.packs import load_packs


class PacksInForce:
    """One registry and the epoch of access as of which it is right."""

    def __init__(self, packs: Packs, epoch: int = 0) -> None:
        self._packs = packs
        self._epoch = epoch
        self._reading: Final = asyncio.Lock()

    @classmethod
    async def load(cls, connection: Connection) -> "PacksInForce":
        """Raises PackError where a stored pack isn't of this version of Hallpass."""
        epoch = await read_epoch(connection)  # first: packs newer than their epoch are only read once more
        return cls(await load_packs(connection), epoch)

    @property
    def current(self) -> Packs:
        """For texts and lists; what decides access asks `at`."""
        return self._packs

    async def at(self, connection: Connection, epoch: int) -> Packs:
        """The packs as of `epoch`, which the request's first statement has read on this connection, or newer ones."""
        if epoch > self._epoch:
            async with self._reading:
                if epoch > self._epoch:
                    self._packs = await load_packs(connection)
                    self._epoch = epoch
        return self._packs
