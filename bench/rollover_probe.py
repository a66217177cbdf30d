"""Somebody signs in, again and again, while something else happens: how long it takes, as a database sees it."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from store.database import Pool
from store.people import load_person
from store.sessions import NewSession, insert_session
from store.sign_in import account_by_email, signed_in

_EVERY_SECONDS = 0.01


@dataclass(slots=True)
class Probe:
    """`seconds`: of each sign-in, in the order in which they ended. `refused`: accounts that aren't active any more."""

    pool: Pool
    accounts: int
    seconds: list[float] = field(default_factory=list[float])
    refused: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Signs in a hundred times a second, or as often as the one before has ended, while the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait((task,))
        if not task.cancelled():
            task.result()

    def quantile(self, share: float) -> float:
        """In seconds; 0 where nobody has signed in."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0

    async def _run(self) -> None:
        chosen = random.Random(8)
        while True:
            started = time.perf_counter()
            await self._sign_in(f"{chosen.randint(1, self.accounts)}@x.example")
            self.seconds.append(time.perf_counter() - started)
            await asyncio.sleep(_EVERY_SECONDS)

    async def _sign_in(self, address: str) -> None:
        now = datetime.now(UTC)
        async with self.pool.acquire() as connection, connection.transaction():
            account = await account_by_email(connection, address)
            if account is None or not await signed_in(connection, account, now):
                self.refused += 1
                return
            await load_person(connection, account.user)
            await insert_session(
                connection,
                NewSession(
                    uuid4(), hashlib.sha256(uuid4().bytes).digest(), account.user, now, "bench", ("pwd",), None,
                    now + timedelta(hours=12), None,
                ),
            )  # fmt: skip
