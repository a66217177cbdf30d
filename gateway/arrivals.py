"""Requests whose body is still to come: whoever sends one too slowly is cut off, so that nobody waits for ever.

A timer for each request would cost a hot one more than reading it does. So those that wait are looked through together,
every few seconds, by one timer that runs only while there are any.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.types import Message, Receive

from gateway.refusals import Kind, RefusedError

START_SECONDS: Final = 30.0
"""So long a body may take, whatever its size."""
BYTES_A_SECOND: Final = 10_000
"""What has arrived gives it more time: a large file isn't slow where it comes at least as fast as this."""
_LOOK_SECONDS: Final = 5.0


class Arrivals:
    """The tasks that wait for the next part of a body, each with the moment at which it has waited too long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock: Final = clock
        """Seconds."""
        self._waiting: Final[dict[asyncio.Task[Any], float]] = {}
        self._late: Final[set[asyncio.Task[Any]]] = set()
        self._looking = False

    async def next_part(self, receive: Receive, began: float, arrived: int) -> Message:
        """What comes next of a body that began at `began` and has `arrived` bytes. Raises RefusedError TOO_SLOW."""
        task = asyncio.current_task()
        if task is None:
            return await receive()
        self._waiting[task] = began + START_SECONDS + arrived / BYTES_A_SECOND
        if not self._looking:
            self._look_later()
        try:
            return await receive()
        except asyncio.CancelledError:
            if task not in self._late or task.uncancel() > 0:
                raise
        finally:
            self._waiting.pop(task, None)
            self._late.discard(task)
        text = "The request arrived too slowly. Send it again over a better connection, or send less at once."
        raise RefusedError(Kind.TOO_SLOW, text, {"Connection": "close"})

    def look(self) -> None:
        """Wake those that have waited too long."""
        now = self.clock()
        for task, until in tuple(self._waiting.items()):
            if now >= until:
                del self._waiting[task]
                self._late.add(task)
                task.cancel()

    def _look_later(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self.look()
        if self._waiting:
            self._look_later()
        else:
            self._looking = False
