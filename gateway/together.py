"""Questions of one moment share one statement: under load it carries many, and alone one that begins at once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

_MOST: Final = 100


class Together(Generic[Asked, Found]):
    """Hands what is asked at the same time to `work`, which answers all of it in the same order.

    `at_once` statements are under way at a time; what comes meanwhile goes with the next one, which carries the more.
    `work` begins after each of its questions was asked: it reads nothing that is older than a question, and what it
    writes is written before any of them is answered. When it fails, it fails for each. Two questions with the same
    `key` never go together: each sees what the other has done, or waits for it in the database.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Awaitable[Sequence[Found]]],
        key: Callable[[Asked], Hashable] | None = None,
        *,
        at_once: int = 2,
    ) -> None:
        self._work: Final = work
        self._key: Final = key
        self._at_once: Final = at_once
        self._waiting: list[tuple[Asked, asyncio.Future[Found]]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._called = False

    async def ask(self, asked: Asked) -> Found:
        """Raises what `work` raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._waiting.append((asked, answer))
        if not self._called:
            self._called = True
            loop.call_soon(self._begin)
        return await answer

    def _begin(self) -> None:
        self._called = False
        while self._waiting and len(self._running) < self._at_once:
            task = asyncio.get_running_loop().create_task(self._carry_out(self._taken()))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._begin()

    def _taken(self) -> list[tuple[Asked, "asyncio.Future[Found]"]]:
        """The next questions, without those whose askers have gone and those that must wait for another."""
        taken: list[tuple[Asked, asyncio.Future[Found]]] = []
        left: list[tuple[Asked, asyncio.Future[Found]]] = []
        keys: set[Hashable] = set()
        for one in self._waiting:
            if one[1].done():
                continue
            key = None if self._key is None else self._key(one[0])
            if len(taken) >= _MOST or (self._key is not None and key in keys):
                left.append(one)
                continue
            keys.add(key)
            taken.append(one)
        self._waiting = left
        return taken

    async def _carry_out(self, taken: list[tuple[Asked, "asyncio.Future[Found]"]]) -> None:
        if not taken:
            return
        try:
            found = await self._work([asked for asked, _ in taken])
        except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it is
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(error)
            return
        except BaseException:
            for _, answer in taken:
                answer.cancel()
            raise
        for (_, answer), one in zip(taken, found, strict=True):
            if not answer.done():
                answer.set_result(one)
