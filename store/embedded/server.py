"""Supervises the embedded PostgreSQL: the first process starts it, others join, the last one out stops it."""

import asyncio
import tempfile
from pathlib import Path
from urllib.parse import quote

import asyncpg

from store.connection import Connection
from store.database import APP_ROLE, OWNER_ROLE, open_connection
from store.embedded.account import Account, server_account
from store.embedded.binaries import DEFAULT_MAJOR, find_binaries
from store.embedded.cluster import SUPERUSER, Cluster, existing_major
from store.embedded.errors import EmbeddedError
from store.embedded.locks import DirectoryLock
from store.embedded.sockets import socket_directory
from store.embedded.stale_pid import remove_stale_pid_file
from store.roles import create_roles, create_schema

DATABASE = "hallpass"
_ATTEMPTS = 40
_PAUSE_SECONDS = 0.25
_RECOVERY_SECONDS = 600


class EmbeddedServer:
    """A running server that this process uses; `stop` gives it up. Make one with `start`."""

    def __init__(self, cluster: Cluster, socket: Path, starting: DirectoryLock, using: DirectoryLock) -> None:
        self.cluster = cluster
        self.socket_directory = socket
        self._starting = starting
        self._using = using

    @property
    def url(self) -> str:
        """The serving role's address."""
        return self.address(APP_ROLE, DATABASE)

    @property
    def owner_url(self) -> str:
        """The address of the owner role, for migrations."""
        return self.address(OWNER_ROLE, DATABASE)

    def address(self, role: str, database: str) -> str:
        """A URL for asyncpg; the socket's directory stands in the query, where a blank may be quoted."""
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(str(self.socket_directory), safe='')}"

    async def connect_as_superuser(self, database: str = "postgres") -> Connection:
        return await open_connection(self.address(SUPERUSER, database), None, timeout=10, application="hallpass-server")

    async def ensure_running(self) -> None:
        """Start the server unless it answers; also after it was killed. Raises EmbeddedError."""
        await self._starting.exclusive()
        try:
            await self.start_under_lock()
        finally:
            self._starting.release()

    async def stop(self) -> None:
        """Give the server up; the last user of it stops it."""
        await self._starting.exclusive()
        try:
            self._using.release()
            if self._using.try_exclusive():
                await self.cluster.stop()
        finally:
            self._using.close()
            self._starting.close()

    async def start_under_lock(self) -> None:
        """Start the server until it answers, for a caller that holds the lock of starting.

        The only proof of life is a connection: a pid file may be stale, and a recovering server is alive.
        """
        failures, reason = 0, ""
        deadline = asyncio.get_running_loop().time() + _RECOVERY_SECONDS
        while True:
            try:
                connection = await self.connect_as_superuser()
            except (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
                reason = str(error)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                failures += 1
                reason = await self._start_once()
                if not reason:
                    continue
            else:
                await connection.close()
                return
            if failures > _ATTEMPTS or asyncio.get_running_loop().time() > deadline:
                raise EmbeddedError(f"PostgreSQL in {self.cluster.directory} does not start: {reason}.")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _start_once(self) -> str:
        self.cluster.write_settings(self.socket_directory)
        reason = await self.cluster.start()
        if reason:
            remove_stale_pid_file(self.cluster.directory)
        return reason


async def start(data_directory: Path, major: int | None = None, *, durable: bool = True) -> EmbeddedServer:
    """The server of a data directory, made at the first start, with the roles and the empty database of Hallpass.

    `major`: 16 or 18; None: what the directory holds, for a new one 18. `durable=False` is for tests: faster, and
    a crash of the machine may lose everything. Raises EmbeddedError.
    """
    account = server_account()
    data_directory = _prepare(data_directory, account)
    starting = DirectoryLock(data_directory / "starting.lock")
    using = DirectoryLock(data_directory / "users.lock")
    try:
        await starting.exclusive()
        using.try_shared()  # nobody holds it exclusively without holding `starting`
        place = data_directory / "postgres"
        held = existing_major(place)
        if held is not None and major not in (None, held):
            raise EmbeddedError(
                f"{place} holds a database of PostgreSQL {held}, not {major}: "
                "keep that version, or choose another HALLPASS_DATA_DIR."
            )
        binaries = await asyncio.to_thread(find_binaries, held or major or DEFAULT_MAJOR, account, data_directory)
        cluster = Cluster(place, binaries, account, durable=durable)
        await cluster.create()
        server = EmbeddedServer(cluster, socket_directory(data_directory, account), starting, using)
        await server.start_under_lock()
        await _furnish(server)
    except BaseException:
        using.close()
        starting.close()
        raise
    starting.release()
    return server


def _prepare(data_directory: Path, account: Account) -> Path:
    """The directory, present and passable for the server's account.

    Only one that is made here gets a mode: whatever exists, and every parent, stays as its owner left it.
    """
    data_directory = data_directory.resolve()
    try:
        if not data_directory.is_dir():
            _make(data_directory, 0o711 if account.switch else 0o700)
    except PermissionError as error:
        raise EmbeddedError(
            f"{data_directory} can't be written by this user: choose another directory with HALLPASS_DATA_DIR."
        ) from error
    if not account.can_enter(data_directory):
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and its user can't enter {data_directory}: choose a directory "
            "that others may pass through (`chmod o+x`) with HALLPASS_DATA_DIR, for example /var/lib/hallpass."
        )
    return data_directory


def _make(directory: Path, mode: int) -> None:
    """The directory appears with its mode: a process that starts at the same moment never sees it closed."""
    directory.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{directory.name}-", dir=directory.parent))
    made.chmod(mode)
    try:
        made.rename(directory)
    except OSError:
        made.rmdir()
        if not directory.is_dir():
            raise


async def _furnish(server: EmbeddedServer) -> None:
    """The roles, the database and the schema, each unless it is there: a first start may have been cut short."""
    connection = await server.connect_as_superuser()
    try:
        await create_roles(connection, login=True)
        if not await connection.fetchval("select exists(select 1 from pg_database where datname = $1)", DATABASE):
            await connection.execute(f"create database {DATABASE} owner {OWNER_ROLE}")
    finally:
        await connection.close()
    connection = await server.connect_as_superuser(DATABASE)
    try:
        await create_schema(connection)
    finally:
        await connection.close()
