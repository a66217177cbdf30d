"""Reads the marks of introspections that arrive together in one statement.

While one statement runs, those that arrive wait for the next: under load a hundred requests cost one round trip, and
alone one request costs what it did. Each is answered by a statement that began after the request had arrived.
"""

import asyncio
from typing import Final

from store.database import Pool
from store.introspection import Question, read_marks

_AT_ONCE: Final = 200


class MarkDesk:
    """One of a process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Question, asyncio.Future[str | None]]] = []
        self._reader: asyncio.Task[None] | None = None

    async def read(self, question: Question) -> str | None:
        """The mark as it is now. Raises what the database raises."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_all())
        return await answer

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                await self._read_batch(batch)
        finally:
            self._reader = None

    async def _read_batch(self, batch: list[tuple[Question, asyncio.Future[str | None]]]) -> None:
        try:
            async with self._pool.acquire() as connection:
                marks = await read_marks(connection, [question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of each that waits
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), mark in zip(batch, marks, strict=True):
            if not answer.done():
                answer.set_result(mark)
