"""A run at a given rate: requests come when they are due, whether or not earlier ones have been answered."""

import sys
import threading
import time
from collections import deque

from bench.load.connection import CallingConnection
from bench.load.job import Job
from bench.load.steady import Run

_SWITCH_SECONDS = 0.0002
"""So long the clock's thread may wait for the interpreter at most."""


class PacedRun(Run):
    """Each request has its time. One that finds every connection waiting for an answer is sent late and counted from
    its time all the same: what a stall of the server keeps from being sent would otherwise be missing in the figures.

    The clock is a thread, since the event loop's timers know whole milliseconds only.
    """

    def __init__(self, job: Job, rate: float) -> None:
        super().__init__(job)
        self._rate = rate
        self._number = min(int(rate * job.seconds) or 1, job.most_requests)
        self._idle: list[CallingConnection] = []
        self._late: deque[int] = deque()

    def begin(self) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
        threading.Thread(target=self._keep_time, name="clock", daemon=True).start()

    def has_more_to_send(self) -> bool:
        return self.sending or bool(self._late)

    def ready(self, connection: CallingConnection) -> None:
        if self._late:
            connection.send(self._late.popleft())
        elif self.sending:
            self._idle.append(connection)
        else:
            connection.close()

    def closed(self, connection: CallingConnection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        super().closed(connection)

    def _keep_time(self) -> None:
        started, told = time.perf_counter(), 0
        while told < self._number:
            time.sleep(max(started + told / self._rate - time.perf_counter(), 0))
            due = min(int((time.perf_counter() - started) * self._rate) + 1, self._number)
            times = [int((started + number / self._rate) * 1e9) for number in range(told, due)]
            self.loop.call_soon_threadsafe(self._due, times)
            told = due
        self.loop.call_soon_threadsafe(self.send_no_more)

    def _due(self, times: list[int]) -> None:
        self.sent += len(times)
        for counts_from in times:
            if self._idle:
                self._idle.pop().send(counts_from)
            else:
                self._late.append(counts_from)
