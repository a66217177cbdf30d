"""The packs and school years that count now in this process, read again when the database says that they may differ."""

import asyncio
from dataclasses import dataclass
from typing import Final

from policy.facts import Years
from policy.packs import Packs
from store.access_version import read_epoch
from store.database import Connection
from store.packs import load_packs
from store.people import load_years


@dataclass(frozen=True, slots=True)
class InForce:
    """What everybody's access follows from, as of an epoch."""

    packs: Packs
    years: Years
    epoch: int

    @property
    def counting(self) -> tuple[tuple[str, str], ...]:
        """The (program, year) pairs that are current or upcoming, '' for packs that are not tied to a year."""
        dated = {*self.years.current.items(), *self.years.upcoming.items()}
        timeless = {(one, "") for one in self.packs.programs() if self.packs.at(one, None) is not None}
        return tuple(sorted((str(program), str(year)) for program, year in dated | timeless))


class PacksInForce:
    """One registry with its years, and the epoch of access as of which both are right."""

    def __init__(self, packs: Packs, epoch: int = 0, years: Years | None = None) -> None:
        self._now = InForce(packs, years or Years({}, {}), epoch)
        self._reading: Final = asyncio.Lock()

    @classmethod
    async def load(cls, connection: Connection) -> "PacksInForce":
        """Raises PackError where a stored pack isn't of this version of Hallpass."""
        epoch = await read_epoch(connection)  # first: what is newer than its epoch is only read once more
        return cls(await load_packs(connection), epoch, await load_years(connection))

    @property
    def current(self) -> Packs:
        """For texts and lists; what decides access asks `at`."""
        return self._now.packs

    def known(self, epoch: int) -> Packs | None:
        """The packs as of `epoch`, which the request has read, or newer ones; None: they must be read first."""
        return self._now.packs if epoch <= self._now.epoch else None

    async def at(self, connection: Connection, epoch: int) -> Packs:
        """The packs as of `epoch`, which the request's first statement has read on this connection, or newer ones."""
        return (await self.in_force(connection, epoch)).packs

    async def in_force(self, connection: Connection, epoch: int) -> InForce:
        """Packs and years as of `epoch`, or newer ones."""
        if epoch > self._now.epoch:
            async with self._reading:
                if epoch > self._now.epoch:
                    self._now = InForce(await load_packs(connection), await load_years(connection), epoch)
        return self._now
