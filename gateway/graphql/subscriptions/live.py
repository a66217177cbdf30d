"""What stays open in this process: sockets, whose callers are looked at together, and the feed that they follow."""

import time
from collections import Counter
from collections.abc import Hashable
from datetime import datetime
from typing import Final, Protocol

from gateway.graphql.subscriptions.feed import ChangeFeed
from gateway.graphql.subscriptions.progress import ProgressWatch
from gateway.graphql.subscriptions.protocol import ClosedError, Code
from gateway.packs_in_force import PacksInForce
from store.access_changes import read_changes
from store.database import Connection
from store.live_marks import LiveMark, live_marks
from store.marks import Mark

MOST_SOCKETS: Final = 10_000
"""Of one process."""
MOST_OF_ONE_CALLER: Final = 50
"""Of one process."""
MOST_SECONDS_UNSEEN: Final = 60.0
"""So long sockets stay open while the database can't be asked whether their callers may still be told."""


class Watched(Protocol):
    """A socket as the process looks after it. `mark` is None before its caller is known."""

    @property
    def mark(self) -> Mark | None: ...
    def look_at(self, found: LiveMark, now: datetime) -> None: ...
    def close(self, why: ClosedError) -> None: ...


class Live:
    """The open sockets of one process, and the feed of changes."""

    def __init__(self) -> None:
        self.feed = ChangeFeed()
        self.progress = ProgressWatch()
        self._sockets: dict[Watched, Hashable | None] = {}
        self._of_caller: Counter[Hashable] = Counter()
        self._seen_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._sockets)

    def enter(self, socket: Watched) -> None:
        """Raises ClosedError where the process has as many sockets as it takes."""
        if len(self._sockets) >= MOST_SOCKETS:
            raise ClosedError(Code.TRY_AGAIN, "Too many connections are open here. Try again in a minute.")
        if not self._sockets:
            self._seen_at = time.monotonic()
        self._sockets[socket] = None

    def known(self, socket: Watched, caller: Hashable) -> None:
        """Whose it is. Raises ClosedError where she has as many as one caller may have."""
        if self._of_caller[caller] >= MOST_OF_ONE_CALLER:
            raise ClosedError(
                Code.TRY_AGAIN, f"You have {MOST_OF_ONE_CALLER} connections: send several operations over one."
            )
        self._sockets[socket] = caller
        self._of_caller[caller] += 1

    def leave(self, socket: Watched) -> None:
        caller = self._sockets.pop(socket, None)
        if caller is not None:
            self._of_caller[caller] -= 1
            if not self._of_caller[caller]:
                del self._of_caller[caller]

    async def look(self, connection: Connection, packs: PacksInForce, now: datetime) -> None:
        """Two statements for all: what changed, then how the callers stand; who may not be told any more goes first."""
        after = self.feed.position
        read = None if after is None else await read_changes(connection, after)
        registry = packs.current if read is None else await packs.at(connection, read.epoch)
        marked = [(one, one.mark.by) for one in self._sockets if one.mark is not None]
        if marked:
            found = await live_marks(connection, [by for _, by in marked])
            for (socket, _), mark in zip(marked, found, strict=True):
                socket.look_at(mark, now)
        if read is not None and after is not None:
            self.feed.hand_on(after, read, registry)
        self._seen_at = time.monotonic()

    def not_seen(self) -> None:
        """The database couldn't be asked: after a while nobody is told anything any more."""
        if time.monotonic() - self._seen_at > MOST_SECONDS_UNSEEN:
            why = ClosedError(Code.TRY_AGAIN, "The database can't be reached. Connect again and resume in a minute.")
            for socket in tuple(self._sockets):
                socket.close(why)
