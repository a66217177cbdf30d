"""Batches: what many rows of one answer ask for singly is loaded by one store call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Batch(Generic[Key, Value]):
    """Collects keys until the event loop's next turn, then loads them at once; each key once per operation."""

    def __init__(self, load: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._load = load
        self._known: dict[Key, asyncio.Future[Value | None]] = {}
        self._waiting: list[Key] = []
        self._running: asyncio.Task[None] | None = None

    def prime(self, key: Key, value: Value) -> None:
        """Keeps what another statement has loaded already."""
        if key not in self._known:
            future: asyncio.Future[Value | None] = asyncio.get_running_loop().create_future()
            future.set_result(value)
            self._known[key] = future

    async def get(self, key: Key) -> Value | None:
        """The value of a key; None where there is none."""
        future = self._known.get(key)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._known[key] = future
            self._waiting.append(key)
            if len(self._waiting) == 1:
                self._running = asyncio.create_task(self._run())
        return await asyncio.shield(future)

    async def _run(self) -> None:
        await asyncio.sleep(0)
        keys, self._waiting = self._waiting, []
        try:
            found = await self._load(keys)
        except Exception as error:  # noqa: BLE001 - handed to everybody who waits
            for key in keys:
                self._known[key].set_exception(error)
            return
        for key in keys:
            self._known[key].set_result(found.get(key))


def batch_of(
    batches: dict[Hashable, Any], name: Hashable, load: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]]
) -> Batch[Key, Value]:
    """The operation's batch of that name, made at its first use."""
    found: Batch[Key, Value] | None = batches.get(name)
    if found is None:
        found = batches[name] = Batch(load)
    return found
