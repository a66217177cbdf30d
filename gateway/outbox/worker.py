"""Works off the queue in this process: jobs of every registered entry point, through lost connections and restarts."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager

from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.outbox.again import AgainLaterError
from gateway.state import Gateway
from store.queue import open_queue_connection, queries_on

_log = logger("hallpass.jobs")
_BATCH: Final = 10
_AT_ONCE: Final = 2 * _BATCH
"""Jobs that one process has in hand."""
_PAUSE_SECONDS: Final = 5.0
_LONGEST_STOP_SECONDS: Final = 45.0
"""Longer than a mail may take: what was handed to the mail server is recorded before the process ends."""

Work = Callable[[Gateway, bytes], Awaitable[None]]
"""Does a job by its payload. Raises AgainLaterError; any other error holds the job, where it blocks nothing."""


class PoisonedJobError(Exception):
    """A job whose work failed for good; it says which kind of error that was, and nothing of its text."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the worker is; tests are less so."""

    heartbeat: timedelta = timedelta(seconds=30)
    """A job that its process hasn't been heard of for so long is taken over."""
    look: timedelta = timedelta(seconds=30)
    """So often the queue is looked at where nothing was heard."""
    pause_seconds: float = _PAUSE_SECONDS


@dataclass(slots=True)
class Worker:
    """One process's worker. It ends when it is told to, and when a connection is lost it begins again."""

    gateway: Gateway
    url: str
    entrypoints: Mapping[str, Work]
    pace: Pace = field(default_factory=Pace)
    _manager: QueueManager | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping.is_set():
            try:
                await self._until_lost()
            except CONNECTION_ERRORS as error:
                _log.warning("jobs wait for the database", reason=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - whatever it is, jobs must go on
                _log.error("the worker failed and begins anew", reason=type(error).__name__)
            if not self._stopping.is_set():
                await self._pause()

    def stop(self) -> None:
        """No job is begun any longer; `run` ends when those in hand are done."""
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()

    async def _until_lost(self) -> None:
        connection = await open_queue_connection(self.url)
        try:
            self._manager = manager = QueueManager(queries_on(connection))
            for name, work in self.entrypoints.items():
                manager.entrypoint(name, on_failure="hold", accepts_context=False)(self._executor(name, work))
            if self._stopping.is_set():
                return
            connection.add_termination_listener(lambda _: manager.shutdown.set())
            await manager.run(
                batch_size=_BATCH,
                max_concurrent_tasks=_AT_ONCE,
                dequeue_timeout=self.pace.look,
                heartbeat_timeout=self.pace.heartbeat,
                shutdown_on_listener_failure=True,
            )
        finally:
            self._manager = None
            await connection.close(timeout=5)

    def _executor(self, name: str, work: Work) -> Callable[[Job], Awaitable[None]]:
        async def execute(job: Job) -> None:
            delay, fault = await self._done(name, work, job.payload or b"")
            # Raised outside of any `except`: pgqueuer keeps the whole chain of causes, and their texts name people.
            if delay is not None:
                raise RetryRequested(delay=delay)
            if fault:
                raise PoisonedJobError(fault)

        return execute

    async def _done(self, name: str, work: Work, payload: bytes) -> tuple[timedelta | None, str]:
        """Whether the job comes again, and which kind of error held it."""
        try:
            await work(self.gateway, payload)
        except AgainLaterError as again:
            return again.delay, ""
        except asyncio.CancelledError:
            return timedelta(0), ""  # pgqueuer would delete a canceled job
        except CONNECTION_ERRORS:
            return timedelta(seconds=self.pace.pause_seconds), ""
        except Exception as error:  # noqa: BLE001 - a poisoned job is held, and the next one is done
            kind = type(error).__name__
            _log.error("a job failed and is held", entrypoint=name, reason=kind)
            return None, kind
        return None, ""

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self.pace.pause_seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


@asynccontextmanager
async def working(worker: Worker) -> AsyncGenerator[None]:
    """Jobs are done until the block ends; those in hand are finished then."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        _, unfinished = await asyncio.wait((task,), timeout=_LONGEST_STOP_SECONDS)
        while not task.done():
            _log.warning("jobs in hand are left to the next process", count=len(unfinished))
            task.cancel()
            await asyncio.wait((task,), timeout=1)
    if not task.cancelled():
        task.result()
