"""One operation and what it is asked with: who asks, the packs and years in force, the clock, and the database."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from policy.access import AnyOf
from policy.caller import Caller, PersonCaller, SystemCaller
from policy.facts import Years
from policy.ids import System
from policy.packs import Packs
from store.database import Connection, Pool

Answer = TypeVar("Answer")


class Reads:
    """The operation's one connection: taken with the first statement, used by one statement at a time.

    With `snapshot` all statements see the same state: several root fields of one operation agree with each other.
    """

    def __init__(self, pool: Pool, *, snapshot: bool) -> None:
        self._pool = pool
        self._snapshot = snapshot
        self._stack = AsyncExitStack()
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def run(self, statement: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        async with self._turn:
            return await statement(await self._open())

    async def close(self) -> None:
        await self._stack.aclose()

    async def _open(self) -> Connection:
        if self._connection is None:
            self._connection = await self._stack.enter_async_context(self._pool.acquire())
            if self._snapshot:
                snapshot = self._connection.transaction(isolation="repeatable_read", readonly=True)
                await self._stack.enter_async_context(snapshot)
        return self._connection


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of the operation. `today` is the date in the state's time zone."""

    now: datetime
    today: date


@dataclass(slots=True)
class Asking:
    """The context of one operation; made by the edge, handed to every resolver."""

    caller: Caller
    packs: Packs
    years: Years
    clock: Clock
    reads: Reads
    new_id: Callable[[], UUID]
    request_id: str = ""
    rows_rule: dict[Hashable, AnyOf] = field(default_factory=dict[Hashable, AnyOf])
    """By a field's path: the rule of the rows that it lists, or of the change that it makes; left there by its guard."""
    batches: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def systems(self) -> frozenset[System] | None:
        """The systems to which answers are cut; None for a person in her own session."""
        match self.caller:
            case SystemCaller(systems=systems) | PersonCaller(systems=systems):
                return systems
            case _:
                return None
