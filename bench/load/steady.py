"""A run as fast as the server answers: opens the connections, counts answers, stops at the job's bounds."""

import asyncio
import time

from bench.load.connection import CallingConnection, Renewal
from bench.load.histogram import Histogram
from bench.load.job import Job, LoadResult

LOOPBACK = "127.0.0.1"
_MOST_ERRORS = 200
"""A server that fails this often is measured no further."""
_GRACE_SECONDS = 15.0
"""For answers to what was sent in time: a slow server's come in waves, and cutting one off would falsify its rate."""


class Run:
    """One job in progress, in which each connection sends again as soon as it is answered."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.loop = asyncio.get_running_loop()
        self.sending = True
        self.sent = 0
        """Requests that were sent, or should have been by now."""
        self._open: set[CallingConnection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._answers = 0
        self._wrong = 0
        self._first_error: str | None = None
        self._latencies = Histogram()
        self._first = list(job.first)

    async def result(self) -> LoadResult:
        """Run to the end. Raises OSError when nothing listens on the port."""
        computed, started = time.process_time(), time.perf_counter()
        for _ in range(min(self.job.connections, self.job.most_requests)):
            await self._connect()
        self.begin()
        try:
            async with asyncio.timeout(self.job.seconds + _GRACE_SECONDS):
                await self._over.wait()
        except TimeoutError:
            self._over.set()
        seconds = time.perf_counter() - started
        busy = (time.process_time() - computed) / seconds
        for task in self._opening:
            task.cancel()
        for connection in list(self._open):
            connection.close()
        return LoadResult(self._answers, self._errors(), seconds, busy, self._latencies, self._first_error)

    def begin(self) -> None:
        """The connections are there, and send."""
        self.loop.call_later(self.job.seconds, self.send_no_more)

    def send_no_more(self) -> None:
        self.sending = False
        self._end_if_complete()

    def has_more_to_send(self) -> bool:
        return self.sending and self.sent < self.job.most_requests

    def ready(self, connection: CallingConnection) -> None:
        if self.has_more_to_send():
            self.sent += 1
            connection.send(time.perf_counter_ns())
        else:
            connection.close()

    def answered(self, status: int, size: int, nanoseconds: int) -> None:
        if self._over.is_set():
            return
        if status == self.job.status and size >= self.job.least_bytes:
            self._answers += 1
            self._latencies.record(nanoseconds // 1000)
        else:
            self._failed(f"status {status} with {size} bytes")
        self._end_if_complete()

    def unanswered(self, why: str) -> None:
        if not self._over.is_set():
            self._failed(why)
            self._end_if_complete()

    def closed(self, connection: CallingConnection) -> None:
        """The place of a connection that the server closed is taken by another one."""
        self._open.discard(connection)
        if self.has_more_to_send() and not self._over.is_set():
            task = self.loop.create_task(self._connect_again())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        renewal = None if self.job.renewed is None else Renewal(self.job.renewed, self._first.pop())
        _, connection = await self.loop.create_connection(
            lambda: CallingConnection(self.job.request, self, renewal), LOOPBACK, self.job.port
        )
        self._open.add(connection)

    async def _connect_again(self) -> None:
        try:
            await self._connect()
        except OSError as error:
            self.sent += 1
            self._failed(f"no connection: {error}")
            self._over.set()

    def _failed(self, why: str) -> None:
        self._wrong += 1
        self._first_error = self._first_error or why
        if self._wrong >= _MOST_ERRORS:
            self._over.set()

    def _end_if_complete(self) -> None:
        """Over when everything that will be sent has had its answer."""
        if not self.has_more_to_send() and self._answers + self._wrong >= self.sent:
            self._over.set()

    def _errors(self) -> int:
        """Wrong answers; where the grace is over, also those that never came."""
        missing = self.sent - self._answers - self._wrong if self._wrong < _MOST_ERRORS else 0
        if missing:
            self._first_error = self._first_error or f"no answer within {_GRACE_SECONDS:g} s"
        return self._wrong + missing
