"""A state to measure on: a data directory with a running embedded database, migrated and filled by Hallpass itself."""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import register_clients
from bench.errors import BenchError
from bench.hallpass import hallpass
from bench.kept import KeptState
from migrations.apply import migrate
from store.database import open_connection
from store.embedded import EmbeddedServer, start

_LOAD_SECONDS = 1800
_VACUUM_SECONDS = 300


@dataclass(frozen=True, slots=True)
class State:
    directory: Path
    users: int
    url: str
    """Where the serving role connects."""
    owner_url: str
    """Where the role connects that may make tables and functions."""


@asynccontextmanager
async def prepared_state(kept: KeptState, users: int) -> AsyncGenerator[State]:
    """The database is stopped when the block ends. Raises BenchError when the demo state can't be loaded."""
    with kept.alone():
        server = await _started(kept, users)
    try:
        connection = await open_connection(server.url)
        await register_clients(connection)
        await connection.close()
        yield State(kept.directory, users, server.url, server.owner_url)
    finally:
        await server.stop()


async def _started(kept: KeptState, users: int) -> EmbeddedServer:
    """The state's server, with the demo state in it."""
    if kept.is_loaded:
        return await start(kept.directory)
    kept.begin()
    server = await start(kept.directory)
    try:
        await migrate(server.owner_url)
        await asyncio.to_thread(_load_demo, kept.directory, users)
        await _settle(server.owner_url)
    except BaseException:
        await server.stop()
        raise
    kept.finish()
    return server


def _load_demo(directory: Path, users: int) -> None:
    done = subprocess.run(
        hallpass("demo", "load", "--users", str(users)),
        check=False,
        env=os.environ | {"HALLPASS_DATA_DIR": str(directory)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LOAD_SECONDS,
    )
    if done.returncode:
        raise BenchError(f"The demo state of {users} users could not be loaded: {(done.stderr or done.stdout)[-2000:]}")


async def _settle(owner_url: str) -> None:
    """What the server would do in its own time: statistics and visibility, or the first samples pay for them."""
    connection = await open_connection(owner_url, None)
    await connection.execute("vacuum analyze", timeout=_VACUUM_SECONDS)
    await connection.close()
