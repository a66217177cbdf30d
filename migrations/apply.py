"""Brings a database to this code's revision, under a lock, so that of two processes at once one waits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from migrations.errors import MigrationError
from migrations.prepare import prepare
from migrations.state import version_state
from store.connection import Connection
from store.database import OWNER_ROLE, open_connection

_LOCK_KEY = 0x68616C6C70617373  # "hallpass" as a number: any value will do that nothing else in the database uses
_POLL_SECONDS = 0.1
_DIRECTORY = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Migrated:
    """The revision before (None: an empty database) and after."""

    before: str | None
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


async def migrate(
    url: str,
    serving_login: str | None = None,
    *,
    lock_timeout: str = "5s",
    wait_seconds: float = 600,
    directory: Path = _DIRECTORY,
) -> Migrated:
    """Make roles and schema where needed and apply what the database lacks, as `hallpass_owner`.

    `lock_timeout` is how long a statement may wait for a table that others use, `wait_seconds` how long for another
    migration. Raises MigrationError, also for a database newer than the code, and asyncpg's errors.
    """
    connection = await _connect(url)
    try:
        async with _alone(connection, wait_seconds):
            await prepare(connection, serving_login)
            await connection.execute(f"set role {OWNER_ROLE}")
            state = await version_state(connection, directory / "versions")
            if state.newer:
                raise MigrationError(state.problem)
            if not state.current:
                await _upgrade(url, lock_timeout, directory)
            return Migrated(state.database, state.code)
    finally:
        await connection.close()


async def _connect(url: str) -> Connection:
    try:
        return await open_connection(url, None, application="hallpass-migrate")
    except OSError as error:
        raise MigrationError(
            f"The database can't be reached ({error or 'no answer'}): see that it runs and that its address is right."
        ) from error


async def _upgrade(url: str, lock_timeout: str, directory: Path) -> None:
    """Imports the migration tool only here: it costs half a second at each start otherwise."""
    from migrations.engine import upgrade_to_head

    async def connect() -> Any:
        return await open_connection(
            url, OWNER_ROLE, application="hallpass-migrate", settings={"lock_timeout": lock_timeout}
        )

    try:
        await upgrade_to_head(connect, directory)
    except asyncpg.LockNotAvailableError as error:
        raise MigrationError(
            f"A table stayed in use by others for {lock_timeout}, so the migration gave way and changed nothing: "
            "run `hallpass migrate` again in a quieter moment."
        ) from error


@asynccontextmanager
async def _alone(connection: Connection, wait_seconds: float) -> AsyncGenerator[None]:
    """The only migration of this database.

    The lock is asked for again and again instead of waited for: the snapshot of a statement that waits would hold up
    a `create index concurrently` of the process that has it, for ever.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK_KEY):
        if loop.time() > deadline:
            raise MigrationError(
                f"Another migration of this database has run for {wait_seconds:.0f} seconds: "
                "see whether it is stuck, end it, and migrate again."
            )
        await asyncio.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", _LOCK_KEY)
