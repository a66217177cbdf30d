"""The decision log of one process: samples decisions, keeps them in a bounded queue, writes them behind the answers."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from math import log, log1p
from typing import Final, NamedTuple
from uuid import UUID

from gateway.background import in_background
from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from store.database import Pool
from store.decision_log import LoggedDecision, delete_decisions_before, write_decisions

_log = logger("hallpass.decisions")
_MOST_QUEUED: Final = 1_000
"""Written each second: so many rows at most does one process write, whatever it is asked."""
_BATCH: Final = 1_000
_EVERY_SECONDS: Final = 1.0
_PURGE_EVERY: Final = timedelta(minutes=10)
_PURGED_AT_ONCE: Final = 10_000


class Again(NamedTuple):
    """A decision as it was logged `first`, made once more: spelled out when it is written, behind the answers."""

    first: LoggedDecision
    decision_id: str
    at: datetime
    request_id: str


class DecisionLog:
    """Never waits and never fails an answer: what doesn't fit into the queue is dropped and counted."""

    def __init__(
        self,
        denials: float = 1.0,
        allows: float = 0.01,
        most: int = _MOST_QUEUED,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._rates = {False: denials, True: allows}
        self._most = most
        self._chance = chance
        self._queue: deque[LoggedDecision | Again] = deque()
        self.written = 0
        self.dropped = 0

    def wants(self, *, allowed: bool) -> bool:
        """Whether this decision is in the sample and has room; a rate of 1 takes every one, 0 none."""
        rate = self._rates[allowed]
        if rate < 1 and not (rate > 0 and self._chance() < rate):
            return False
        if len(self._queue) >= self._most:
            self.dropped += 1
            return False
        return True

    def sampled(self, outcomes: Sequence[bool]) -> Sequence[int]:
        """The places of those decisions that are in the sample and have room: as `wants`, for many at once."""
        chosen = [*self._chosen(outcomes, allowed=False), *self._chosen(outcomes, allowed=True)]
        room = max(self._most - len(self._queue), 0)
        self.dropped += max(len(chosen) - room, 0)
        return chosen[:room]

    def _chosen(self, outcomes: Sequence[bool], *, allowed: bool) -> Sequence[int]:
        """Drawn by the gaps between them, which are few: one chance for each that is chosen, not for each."""
        rate = self._rates[allowed]
        if rate <= 0:
            return ()
        places = [place for place, outcome in enumerate(outcomes) if outcome is allowed]
        if rate >= 1:
            return places
        chosen: list[int] = []
        at = self._gap(rate)
        while at < len(places):
            chosen.append(places[at])
            at += 1 + self._gap(rate)
        return chosen

    def _gap(self, rate: float) -> int:
        """How many are passed over before the next one: geometrically distributed."""
        return int(log(1 - self._chance()) / log1p(-rate))

    def take(self, decision: LoggedDecision | Again) -> None:
        if len(self._queue) >= self._most:
            self.dropped += 1
        else:
            self._queue.append(decision)

    async def flush(self, pool: Pool) -> None:
        """Write everything that is queued. A batch that can't be written is dropped and counted."""
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            try:
                async with pool.acquire(timeout=5) as connection:
                    await write_decisions(connection, [_spelled_out(one) for one in batch])
                self.written += len(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted, and the next batch is written
                self.dropped += len(batch)
                _log.warning("decisions could not be logged", reason=type(error).__name__, dropped=len(batch))
                return

    @asynccontextmanager
    async def writing(self, pool: Pool, now: Callable[[], datetime], keep: timedelta) -> AsyncGenerator[None]:
        """Write each second until the block ends, and then what is left; delete what is older than `keep`."""
        try:
            async with in_background(self._write(pool, now, keep)):
                yield
        finally:
            await self.flush(pool)

    async def _write(self, pool: Pool, now: Callable[[], datetime], keep: timedelta) -> None:
        purge_at = now() + timedelta(seconds=30)
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await asyncio.shield(self.flush(pool))
            if now() >= purge_at:
                purge_at = now() + _PURGE_EVERY
                await purge(pool, now() - keep)


def _spelled_out(one: LoggedDecision | Again) -> LoggedDecision:
    if isinstance(one, LoggedDecision):
        return one
    return replace(one.first, id=UUID(one.decision_id), at=one.at, request_id=one.request_id)


async def purge(pool: Pool, before: datetime) -> None:
    """Delete what is older, in portions that hold no lock for long; a database that is away is asked again later."""
    try:
        async with pool.acquire(timeout=5) as connection:
            deleted = _PURGED_AT_ONCE
            while deleted == _PURGED_AT_ONCE:
                deleted = await delete_decisions_before(connection, before, _PURGED_AT_ONCE)
    except CONNECTION_ERRORS as error:
        _log.warning("old decisions could not be deleted", reason=type(error).__name__)
