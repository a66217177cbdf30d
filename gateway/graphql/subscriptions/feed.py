"""The process's feed of changes of access: read once for everybody who follows, handed on in memory.

A follower joins before it reads its beginning: what is handed on meanwhile waits, and what both tell is told once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from gateway.graphql.subscriptions.progress import ProgressFollower, ProgressWatch
from policy.packs import Packs
from resolvers.access_changes import AccessChangeRow, Audience
from resolvers.uploads.records import ProgressRow
from store.access_changes import LATEST, ChangesRead, StoredChange, read_changes
from store.database import Connection, Pool

PacksAt = Callable[[Connection, int], Awaitable[Packs]]
"""The packs as of an epoch or newer."""
MOST_WAITING: Final = 1_000
"""Changes that wait for one follower; beyond, a gap stands for all of them."""


class ChangeFeed:
    """Who follows, and up to which version everything was handed on; None: nobody follows."""

    def __init__(self) -> None:
        self._followers: set[Follower] = set()
        self._position: int | None = None
        self._wake: Callable[[], None] = lambda: None

    @property
    def position(self) -> int | None:
        """The version after which changes are to be read; None: there is nobody to read them for."""
        return self._position

    def woken_by(self, wake: Callable[[], None]) -> None:
        """What makes the listener look at once."""
        self._wake = wake

    def join(self, follower: "Follower") -> None:
        self._followers.add(follower)

    def begin(self, current: int) -> None:
        """A follower has read up to `current`. What came since was perhaps nobody's: the listener looks at once."""
        if self._position is None or current < self._position:
            self._position = current
            self._wake()

    def leave(self, follower: "Follower") -> None:
        self._followers.discard(follower)
        if not self._followers:
            self._position = None

    def hand_on(self, after: int, read: ChangesRead, packs: Packs) -> None:
        """What was read after a version, to those whom it concerns; nothing where somebody needs older ones as well."""
        if self._position is None or not after <= self._position < read.current:
            return
        self._position = read.current
        for follower in tuple(self._followers):
            follower.take(read, packs)


class Follower:
    """One subscription's changes, in order and without loss: what can't be kept for a slow reader becomes a gap."""

    def __init__(self, feed: ChangeFeed, audience: Audience) -> None:
        self._feed = feed
        self._audience = audience
        self._waiting: deque[AccessChangeRow] = deque()
        self._arrived = asyncio.Event()
        self._early: list[tuple[ChangesRead, Packs]] | None = []
        """What is handed on before the beginning is known."""
        self._seen = 0
        feed.join(self)

    def begin(self, read: ChangesRead, packs: Packs, *, from_now: bool) -> None:
        """The changes since the version that was asked for, then a sign that all up to now were told."""
        self._seen = read.current
        if from_now:
            self._put([self._caught_up()])
        elif read.complete:
            self._put([*self._told(read.changes, packs), self._caught_up()])
        else:
            self._put([self._gap()])
        early, self._early = self._early or [], None
        for one in early:
            self.take(*one)
        self._feed.begin(read.current)

    def take(self, read: ChangesRead, packs: Packs) -> None:
        """What came after; what the beginning has told already is passed over."""
        if self._early is not None:
            self._early.append((read, packs))
            return
        if read.current <= self._seen:
            return
        seen, self._seen = self._seen, read.current
        if not read.complete:
            self._put([self._gap()])
        else:
            self._put(self._told((one for one in read.changes if one.version > seen), packs))

    def probe(self) -> AccessChangeRow:
        """A change that tells nothing."""
        return self._caught_up()

    def __aiter__(self) -> AsyncIterator[AccessChangeRow]:
        return self

    async def __anext__(self) -> AccessChangeRow:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        self._feed.leave(self)

    def _told(self, changes: Iterable[StoredChange], packs: Packs) -> list[AccessChangeRow]:
        """Each one's version is what has been told completely by then: of several at once the last alone has theirs."""
        told = [
            AccessChangeRow(self._audience, one.version, one.user, everybody=one.user is None)
            for one in changes
            if self._audience.is_told_of(one, packs)
        ]
        return [
            replace(one, version=one.version - 1) if one.version == following.version else one
            for one, following in pairwise(told)
        ] + told[-1:]

    def _put(self, rows: list[AccessChangeRow]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.clear()
            self._waiting.append(self._gap())
        if rows:
            self._arrived.set()

    def _caught_up(self) -> AccessChangeRow:
        return AccessChangeRow(self._audience, self._seen)

    def _gap(self) -> AccessChangeRow:
        return AccessChangeRow(self._audience, self._seen, everybody=True, gap=True)


class FollowedChanges:
    """What resolvers follow: one statement for the beginning, none after that."""

    def __init__(self, feed: ChangeFeed, watch: ProgressWatch, pool: Pool, packs_at: PacksAt) -> None:
        self._feed = feed
        self._watch = watch
        self._pool = pool
        self._packs_at = packs_at

    async def follow(self, audience: Audience, after: int | None) -> Follower:
        """Raises asyncpg's errors where there is no database: then nothing follows."""
        follower = Follower(self._feed, audience)
        try:
            async with self._pool.acquire() as connection:
                read = await read_changes(connection, LATEST if after is None else after)
                packs = await self._packs_at(connection, read.epoch)
        except BaseException:
            await follower.aclose()
            raise
        follower.begin(read, packs, from_now=after is None)
        return follower

    def progress(self, known: ProgressRow) -> ProgressFollower:
        return self._watch.follow(self._pool, known)
