"""Test servers: one embedded PostgreSQL per version and session, and a migrated database of its own for each test."""

import asyncio
import fcntl
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any, TypeVar

from migrations.apply import migrate
from store.connection import Connection
from store.database import APP_ROLE, OWNER_ROLE, open_connection
from store.embedded import EmbeddedServer, start
from store.embedded.account import server_account
from store.embedded.binaries import find_binaries
from store.embedded.cluster import Cluster, existing_major
from store.embedded.server import DATABASE
from tests.lent_databases import Lent, Original, clean, lent, original_of

MAJORS = (16, 18)
_PREFIX = "hallpass-test-"
_OLD_SECONDS = 600
_MEMORY = Path("/dev/shm")
_ROOMY_BYTES = 8 * 2**30
_Result = TypeVar("_Result")
State = Callable[[Connection], Awaitable[None]]
"""Writes what a database holds before a test begins."""


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The coroutine's result, from a loop in a thread of its own: also where a test's loop is running."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, work).result()


class _Superuser:
    """One superuser connection kept open in a loop of its own thread: a new one for each database takes as long again
    as making the database."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection: Connection | None = None

    def execute(self, sql: str) -> None:
        self.run(self._execute(sql))

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """The coroutine's result, from this loop, where connections stay open from one call to the next."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def connected_to(self, database: str) -> Connection:
        return await self._server.connect_as_superuser(database)

    def close(self) -> None:
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _execute(self, sql: str) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._server.connect_as_superuser()
        await self._connection.execute(sql)

    async def _close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


class Databases:
    """A server and the databases on it. `url` and `owner_url` of a name serve as the two roles."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self._numbers = count(1)
        self._states: dict[State | None, str] = {None: DATABASE}
        self._originals: dict[State | None, Original] = {}
        self._free: dict[State | None, list[Lent]] = {}
        self._superuser = _Superuser(server)

    def migrated(self) -> str:
        """The name of a new database with the schema in it and nothing else."""
        return self._create(DATABASE)

    def empty(self) -> str:
        """The name of a new database that `migrate` has not seen; the owner may make its schema."""
        name = self._create("template1")
        self._superuser.execute(f"grant create on database {name} to {OWNER_ROLE}")
        return name

    def holding(self, state: State | None) -> str:
        """The name of a new database with the schema and that state in it, which is made once and copied."""
        if state not in self._states:
            name = self.migrated()
            run(_made(self.url(name), state))
            self._states[state] = name
        return self._create(self._states[state])

    def lend(self, state: State | None) -> Lent:
        """A database as `holding` makes it, or one that was given back and is as it was."""
        free = self._free.setdefault(state, [])
        return free.pop() if free else self._superuser.run(self._lent(self.holding(state), state))

    def take_back(self, given: Lent, state: State | None) -> None:
        """To be lent again, unless it can't be cleaned."""
        if self._superuser.run(clean(given)):
            self._free[state].append(given)
            return
        if given.pool is not None:
            given.pool.terminate()
        self._superuser.run(given.cleaner.close())
        self.drop(given.name)

    async def _lent(self, name: str, state: State | None) -> Lent:
        cleaner = await self._superuser.connected_to(name)
        if state not in self._originals:
            self._originals[state] = await original_of(cleaner)
        return await lent(name, self._originals[state], cleaner)

    def copy_of(self, name: str) -> str:
        """The name of a new database with all that the named one holds, which nobody may be connected to."""
        return self._create(name)

    def drop(self, name: str) -> None:
        self._superuser.execute(f"drop database if exists {name} with (force)")

    def url(self, name: str) -> str:
        return self.server.address(APP_ROLE, name)

    def owner_url(self, name: str) -> str:
        return self.server.address(OWNER_ROLE, name)

    def superuser_url(self, name: str) -> str:
        return self.server.address("hallpass", name)

    def close(self) -> None:
        for free in chain.from_iterable(self._free.values()):
            self._superuser.run(free.cleaner.close())
        self._superuser.close()

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._superuser.execute(f"create database {name} template {template} strategy file_copy")
        return name


async def _made(url: str, state: State | None) -> None:
    connection = await open_connection(url)
    try:
        if state is not None:
            await state(connection)
    finally:
        await connection.close()


@contextmanager
def databases(major: int) -> Generator[Databases]:
    """A fresh server of that version with a migrated template, gone afterwards."""
    with data_directory() as directory:
        server = run(start(directory, major, durable=False))
        try:
            run(migrate(server.owner_url))
            made = Databases(server)
            try:
                yield made
            finally:
                made.close()
        finally:
            run(server.stop())


@contextmanager
def data_directory(name: str = "data") -> Generator[Path]:
    """A directory, not yet made, that the server's account may enter; pytest's own temporary ones are closed to it."""
    made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_quickest_place()))
    made.chmod(0o711)
    try:
        yield made / name
    finally:
        _stop(made / name)
        shutil.rmtree(made, ignore_errors=True)


def _quickest_place() -> Path:
    """Memory where it is offered and roomy: a database is copied there in a tenth of the time that a disk takes."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOMY_BYTES:
        return _MEMORY
    return Path(tempfile.gettempdir())


def sweep() -> None:
    """Stop and remove the servers of test sessions that were killed: own, old, and with a lock that nobody holds."""
    for made in _quickest_place().glob(f"{_PREFIX}*"):
        lock = made / "data" / "users.lock"
        if _is_left_behind(made) and lock.is_file() and _is_free(lock):
            _stop(lock.parent)
            shutil.rmtree(made, ignore_errors=True)


def _is_left_behind(made: Path) -> bool:
    """A young one may be another session's that has not taken its locks yet."""
    found = made.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and time.time() - found.st_mtime > _OLD_SECONDS


def _is_free(lock: Path) -> bool:
    with lock.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _stop(directory: Path) -> None:
    """Whatever server a test left running there."""
    cluster = directory / "postgres"
    major = existing_major(cluster)
    if major is not None and (cluster / "postmaster.pid").exists():
        account = server_account()
        run(Cluster(cluster, find_binaries(major, account, directory), account).stop("immediate"))
