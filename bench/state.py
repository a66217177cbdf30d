"""A state to measure on: a data directory with a running embedded database, migrated and filled by Hallpass itself."""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import register_client
from bench.errors import BenchError
from bench.hallpass import hallpass
from migrations.apply import migrate
from store.database import open_connection
from store.embedded import start

_LOAD_SECONDS = 900


@dataclass(frozen=True, slots=True)
class State:
    directory: Path
    users: int
    url: str
    """Where the serving role connects."""


@asynccontextmanager
async def prepared_state(directory: Path, users: int) -> AsyncGenerator[State]:
    """The database is stopped when the block ends. Raises BenchError when the demo state can't be loaded."""
    server = await start(directory)
    try:
        await migrate(server.owner_url)
        await asyncio.to_thread(_load_demo, directory, users)
        connection = await open_connection(server.url)
        await register_client(connection)
        await connection.close()
        yield State(directory, users, server.url)
    finally:
        await server.stop()


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
