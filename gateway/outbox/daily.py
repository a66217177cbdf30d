"""Runs the daily jobs: once a day by the state's calendar, in one process at a time, resumed where one was cut off."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from gateway.background import in_background
from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.state import Gateway
from store.connection import Connection
from store.daily_jobs import begin_slice, end_slice

_log = logger("hallpass.daily")
LOOK_SECONDS: Final = 300.0
"""So often a process looks whether a day's work is due."""
MIDNIGHT: Final = time.min
MORNING: Final = time(5)


@dataclass(frozen=True, slots=True)
class Day:
    """Which day's work is done, and behind which position of it the part begins (None: at its beginning)."""

    gateway: Gateway
    date: date
    position: str | None


@dataclass(frozen=True, slots=True)
class DailyJob:
    """Work of each day, begun at `at` or later, in parts.

    `part` does one part inside the connection's transaction, in a second or so, and gives the position behind which
    the next one begins, or None when the day is finished. A part that fails is rolled back and tried again at the
    next look; other jobs don't wait for it. A day on which no process ran is not made up for: work that must not be
    missed looks for what is due *by* its day, not *on* it.
    """

    name: str
    part: Callable[[Day, Connection], Awaitable[str | None]]
    at: time = MORNING


@asynccontextmanager
async def daily_jobs_running(
    gateway: Gateway, jobs: Sequence[DailyJob], look_seconds: float = LOOK_SECONDS
) -> AsyncGenerator[None]:
    """Look for due work until the block ends; what is unfinished then is resumed by whichever process looks next."""
    async with in_background(_look_again_and_again(gateway, jobs, look_seconds)):
        yield


async def do_due_work(gateway: Gateway, jobs: Sequence[DailyJob]) -> None:
    """Everything that is due now and that no other process does."""
    local = gateway.now().astimezone(gateway.settings.time_zone)
    for job in jobs:
        if local.time() >= job.at:
            try:
                while await _do_part(gateway, job, local.date()):
                    pass
            except CONNECTION_ERRORS as error:
                _log.warning("a daily job waits for the database", job=job.name, reason=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - one job's fault never holds up the others
                _log.error("a daily job failed and is tried again", job=job.name, reason=type(error).__name__)


async def _do_part(gateway: Gateway, job: DailyJob, day: date) -> bool:
    """Whether there may be more."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        begun = await begin_slice(connection, job.name, day)
        if begun is None:
            return False
        position = await job.part(Day(gateway, day, begun.position), connection)
        await end_slice(connection, job.name, day, position)
    if position is None:
        _log.info("a daily job is done", job=job.name, day=day.isoformat())
    return position is not None


async def _look_again_and_again(gateway: Gateway, jobs: Sequence[DailyJob], look_seconds: float) -> None:
    while True:
        await do_due_work(gateway, jobs)
        await asyncio.sleep(look_seconds)
