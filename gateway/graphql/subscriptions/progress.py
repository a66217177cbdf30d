"""The process's watch over files that are worked on: one statement for all that are followed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from gateway.checks import CONNECTION_ERRORS
from policy.upload_kinds import UploadState
from resolvers.uploads.records import ProgressRow
from store.database import Pool
from store.uploads import read_progress

LOOK_SECONDS: Final = 0.5
_WORKED_ON: Final = frozenset({UploadState.VALIDATING, UploadState.APPLYING})


class ProgressWatch:
    """Who follows which file; looks in the database only while there is somebody."""

    def __init__(self) -> None:
        self._followers: set[ProgressFollower] = set()
        self._looking: asyncio.Task[None] | None = None

    def follow(self, pool: Pool, known: ProgressRow) -> "ProgressFollower":
        """The file's progress from what is known on, until nobody works on it any more."""
        follower = ProgressFollower(self, known)
        self._followers.add(follower)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(pool))
        return follower

    def leave(self, follower: "ProgressFollower") -> None:
        self._followers.discard(follower)

    async def _look(self, pool: Pool) -> None:
        while self._followers:
            try:
                async with pool.acquire() as connection:
                    found = await read_progress(connection, {one.upload for one in self._followers})
            except CONNECTION_ERRORS:
                found = {}  # looked at again: a follower waits as long as its socket does
            for follower in tuple(self._followers):
                if follower.upload in found:
                    follower.take(ProgressRow.of(found[follower.upload]))
            await asyncio.sleep(LOOK_SECONDS)


class ProgressFollower:
    """One subscription's events: each change once, the latest for a slow reader, the end when the work has ended."""

    def __init__(self, watch: ProgressWatch, known: ProgressRow) -> None:
        self._watch = watch
        self._told = known
        self._waiting: deque[ProgressRow] = deque([known], maxlen=1)
        self._arrived = asyncio.Event()

    @property
    def upload(self) -> UUID:
        return self._told.upload

    def take(self, row: ProgressRow) -> None:
        if row != self._told:
            self._told = row
            self._waiting.append(row)
            self._arrived.set()

    def probe(self) -> ProgressRow:
        """What was told already."""
        return self._told

    def __aiter__(self) -> AsyncIterator[ProgressRow]:
        return self

    async def __anext__(self) -> ProgressRow:
        while not self._waiting:
            if self._told.state not in _WORKED_ON:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        self._watch.leave(self)
