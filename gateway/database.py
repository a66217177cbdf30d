"""Opens the database of the settings: the embedded server, started and migrated here, or one that others run."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from gateway.background import in_background
from gateway.settings import Settings
from migrations.apply import migrate
from migrations.state import version_state
from store.database import DatabaseError, Pool, open_connection, open_pool
from store.embedded import start, watch


@dataclass(frozen=True, slots=True)
class DatabaseAddresses:
    """Where the serving role and, where it is known, the owner role connect."""

    url: str
    owner_url: str | None


@asynccontextmanager
async def database_addresses(settings: Settings) -> AsyncGenerator[DatabaseAddresses]:
    """The addresses; in embedded mode the server runs until the block ends, and starts again when it is killed.

    Raises EmbeddedError when it can't run here.
    """
    if settings.database_url is not None:
        yield DatabaseAddresses(settings.database_url, settings.owner_database_url)
        return
    server = await start(settings.data_dir)
    try:
        async with in_background(watch(server)):
            yield DatabaseAddresses(server.url, server.owner_url)
    finally:
        await server.stop()


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """A migrated database: the pool that serves, and the roles' addresses for a connection of one's own."""

    pool: Pool
    url: str
    owner_url: str | None = None


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[OpenDatabase]:
    """The database of the settings; an embedded one is migrated first.

    Raises DatabaseError with a sentence for a database that can't be reached, isn't migrated or is newer than the code.
    """
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(database_addresses(settings))
        if settings.embedded and addresses.owner_url:
            await migrate(addresses.owner_url)
        else:
            await require_migrated(addresses.url)
        pool = await open_pool(addresses.url, minimum=min(2, settings.pool_size), maximum=settings.pool_size)
        stack.push_async_callback(_close, pool)
        yield OpenDatabase(pool, addresses.url, addresses.owner_url)


async def require_migrated(url: str) -> None:
    """Raises DatabaseError unless the database answers and is at this code's revision."""
    try:
        connection = await open_connection(url, timeout=10)
    except (OSError, TimeoutError) as error:
        raise DatabaseError(
            f"The database of HALLPASS_DATABASE_URL can't be reached ({error or 'no answer'}): "
            "see that it runs and that host, port and firewall let this machine connect."
        ) from error
    try:
        problem = (await version_state(connection)).problem
    finally:
        await connection.close()
    if problem:
        raise DatabaseError(problem)


async def _close(pool: Pool) -> None:
    """Wait ten seconds for connections in use, then cut them."""
    try:
        async with asyncio.timeout(10):
            await pool.close()
    except TimeoutError:
        pool.terminate()
