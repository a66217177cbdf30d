"""The time that one request may take: what runs longer is canceled, in the database as well."""

import asyncio
from types import TracebackType
from typing import Final
from weakref import WeakSet

from gateway.refusals import Kind, RefusedError

_LOOKED_AT_EVERY: Final = 0.1
"""Seconds. One timer looks at all running requests: a timer for each costs a short one as much as its plan."""
_running: Final[dict["Deadline", None]] = {}
_watched: Final[WeakSet[asyncio.AbstractEventLoop]] = WeakSet()
"""Loops whose timer is set."""


class Deadline:
    """Cancels what is inside after that many seconds; the driver then cancels the running statement at the server.

    Raises RefusedError (DEADLINE). A tenth of a second late at most.
    """

    __slots__ = ("_cancelling", "_ends", "_is_over", "_loop", "_seconds", "_task")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("A deadline is for what runs in a task.")
        self._task, self._cancelling, self._is_over = task, task.cancelling(), False
        self._ends = self._loop.time() + self._seconds
        _running[self] = None
        if self._loop not in _watched:
            _watched.add(self._loop)
            self._loop.call_later(_LOOKED_AT_EVERY, _look, self._loop)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _running.pop(self, None)
        if not self._is_over:
            return
        if self._task.uncancel() <= self._cancelling and kind is not None and issubclass(kind, asyncio.CancelledError):
            text = (
                f"The request took longer than {self._seconds:g} s and was stopped. "
                "Ask for less at once; after a mutation, see first whether the change was made."
            )
            raise RefusedError(Kind.DEADLINE, text) from error

    def end_if_late(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether it belongs to another loop, which is gone, or is over now."""
        if self._loop is not loop:
            return True
        if loop.time() < self._ends:
            return False
        self._is_over = True
        self._task.cancel()
        return True


def _look(loop: asyncio.AbstractEventLoop) -> None:
    for one in [one for one in _running if one.end_if_late(loop)]:
        del _running[one]
    if _running:
        loop.call_later(_LOOKED_AT_EVERY, _look, loop)
    else:
        _watched.discard(loop)
