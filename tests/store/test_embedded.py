"""The embedded server survives what happens to processes: two at once, kill -9 of either side, stale pid files."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from store.database import open_connection
from store.embedded import EmbeddedError, EmbeddedServer, start, watch
from store.embedded.account import Account, server_account
from tests.databases import data_directory

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def directory() -> Iterator[Path]:
    with data_directory() as made:
        yield made


@asynccontextmanager
async def started(
    directory: Path, major: int | None = None, *, durable: bool = False
) -> AsyncIterator[EmbeddedServer]:
    server = await start(directory, major, durable=durable)
    try:
        yield server
    finally:
        await server.stop()


def other_process(directory: Path) -> subprocess.Popen[str]:
    program = Path(__file__).with_name("holding_process.py")
    return subprocess.Popen(
        [sys.executable, program, directory],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


async def answers(url: str) -> bool:
    try:
        connection = await open_connection(url)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        return await connection.fetchval("select current_user::text") == "hallpass_app"
    finally:
        await connection.close()


async def mark(server: EmbeddedServer) -> None:
    await _as_owner(server, "create table marks (n int); insert into marks values (1)")


async def _as_owner(server: EmbeddedServer, sql: str) -> str:
    connection = await open_connection(server.owner_url, None)
    try:
        return await connection.execute(sql)
    finally:
        await connection.close()


def postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])


@pytest.mark.parametrize("major", [16, 18])
async def test_first_start_makes_roles_database_and_schema(directory: Path, major: int) -> None:
    async with started(directory, major) as server:
        connection = await open_connection(server.url)
        version = await connection.fetchval("select current_setting('server_version_num')::int / 10000")
        owner = await connection.fetchval("select nspowner::regrole::text from pg_namespace where nspname = 'hallpass'")
        encoding = await connection.fetchval("select current_setting('server_encoding')")
        listens = await connection.fetchval("select current_setting('listen_addresses')")
        await connection.close()
    assert (version, owner, encoding, listens) == (major, "hallpass_owner", "UTF8", "")
    assert not await answers(server.url)


async def test_the_locale_does_not_come_from_the_machine(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    async with started(directory) as server:
        connection = await open_connection(server.url)
        found = await connection.fetchrow(
            "select datlocprovider::text, datlocale, lower('ÁI') from pg_database where datname = 'hallpass'"
        )
        await connection.close()
    assert found is not None
    assert tuple(found.values()) == ("b", "C.UTF-8", "ái")


@pytest.mark.parametrize("name", ["with a blank", "'quotes\", 100 % $(false) and \\", "x" * 90, "Äußeres"])
async def test_any_name_of_the_directory_works(name: str) -> None:
    """A blank, quotes, and a path too long for a socket, which then lies in a private directory elsewhere."""
    with data_directory(name) as directory:
        async with started(directory) as server:
            assert await answers(server.url)
            assert stat.S_IMODE(server.socket_directory.stat().st_mode) == 0o700
        if server.socket_directory.parent != directory:
            server.socket_directory.rmdir()


async def test_only_the_servers_account_and_root_reach_the_socket(directory: Path) -> None:
    async with started(directory) as server:
        found = server.socket_directory.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, server.cluster.account.uid)
        if os.geteuid() == 0:
            nobody = Account(65534, 65534, switch=True)
            assert not nobody.can_enter(server.socket_directory)


async def test_a_socket_directory_of_somebody_else_is_refused(directory: Path) -> None:
    directory.mkdir(mode=0o711)
    (directory / "socket").mkdir(mode=0o777)
    (directory / "socket").chmod(0o777)
    with pytest.raises(EmbeddedError, match="is not a directory that only the database's user may enter"):
        await start(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_as_root_the_server_runs_as_a_system_user(directory: Path) -> None:
    async with started(directory) as server:
        account = server_account()
        assert account.uid != 0
        assert (directory / "postgres").stat().st_uid == account.uid
        assert Path(f"/proc/{postmaster(directory)}").stat().st_uid == account.uid
        groups = Path(f"/proc/{postmaster(directory)}/status").read_text().split("Groups:")[1].splitlines()[0].split()
        assert groups == [], "root's groups must not be kept"
        assert await answers(server.url)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_programs_that_the_system_user_cannot_reach_are_copied(
    directory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A virtual environment below /root, whose directories stay closed."""
    import shutil

    from store.embedded import binaries

    package = binaries._package_directory()  # pyright: ignore[reportPrivateUsage]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(package, closed / package.name, symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs", symlinks=True)
    monkeypatch.setattr(binaries, "_package_directory", lambda: closed / package.name)
    async with started(directory) as server:
        assert await answers(server.url)
        assert server.cluster.binaries.directory.is_relative_to(directory)
    async with started(directory) as server:
        assert await answers(server.url)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_a_directory_that_the_system_user_cannot_enter_is_refused_and_left_as_it_is(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match="its user can't enter"):
        await start(directory / "data")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


async def test_a_directory_of_the_other_version_is_refused(directory: Path) -> None:
    async with started(directory, 16):
        pass
    with pytest.raises(EmbeddedError, match="holds a database of PostgreSQL 16, not 18"):
        await start(directory, 18)
    async with started(directory) as server:
        assert await answers(server.url)


async def test_an_unknown_version_is_refused(directory: Path) -> None:
    with pytest.raises(EmbeddedError, match="comes as version 16 or 18, not 12"):
        await start(directory, 12)


async def test_the_last_one_out_stops_the_server(directory: Path) -> None:
    first = await start(directory, durable=False)
    second = await start(directory, durable=False)
    await first.stop()
    assert await answers(second.url)
    await second.stop()
    assert not await answers(second.url)


async def test_two_processes_at_the_first_start(directory: Path) -> None:
    one, two = other_process(directory), other_process(directory)
    urls = [await asyncio.to_thread(address, process) for process in (one, two)]
    assert urls[0] == urls[1]
    await asyncio.to_thread(end, one)
    assert await answers(urls[1])
    await asyncio.to_thread(end, two)
    assert not await answers(urls[1])


async def test_kill_9_of_the_owner(directory: Path) -> None:
    """The server lives on, the next process joins it, and being alone stops it at the end."""
    process = other_process(directory)
    url = await asyncio.to_thread(address, process)
    process.kill()
    process.communicate()
    assert await answers(url)
    before = postmaster(directory)
    async with started(directory) as server:
        assert postmaster(directory) == before
        assert await answers(server.url)
    assert not await answers(url)


async def test_kill_9_of_owner_and_server(directory: Path) -> None:
    process = other_process(directory)
    await asyncio.to_thread(address, process)
    process.kill()
    process.communicate()
    os.kill(postmaster(directory), signal.SIGKILL)
    async with started(directory) as server:
        assert await answers(server.url)


async def test_kill_9_of_the_server_under_a_living_gateway(directory: Path) -> None:
    """The watchdog starts it again and what was committed is there."""
    async with started(directory, durable=True) as server:
        await mark(server)
        watching = asyncio.create_task(watch(server))
        await _watchdog_connected(server)
        before = postmaster(directory)
        os.kill(before, signal.SIGKILL)
        await _until_restarted(directory, before, server.url)
        assert await _as_owner(server, "select n from marks") == "SELECT 1"
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    assert not await answers(server.url)


async def test_two_watchdogs_restart_one_server(directory: Path) -> None:
    async with started(directory) as one, started(directory) as two:
        watching = [asyncio.create_task(watch(server)) for server in (one, two)]
        await _watchdog_connected(one, 2)
        before = postmaster(directory)
        os.kill(before, signal.SIGKILL)
        await _until_restarted(directory, before, one.url)
        await _watchdog_connected(one, 2)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _watchdog_connected(server: EmbeddedServer, count: int = 1) -> None:
    sql = "select count(*) from pg_stat_activity where application_name = 'hallpass-server' and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError, asyncpg.PostgresError):
            connection = await server.connect_as_superuser()
            found = await connection.fetchval(sql)
            await connection.close()
            if found >= count:
                return
        await asyncio.sleep(0.05)
    pytest.fail("the watchdogs did not connect")


async def _until_restarted(directory: Path, before: int, url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, IndexError):
            if postmaster(directory) != before and await answers(url):
                return
        await asyncio.sleep(0.05)
    pytest.fail("the server was not started again")


async def test_a_stale_pid_file_with_the_pid_of_a_living_process(directory: Path) -> None:
    """After a restart of the machine the number may be anybody's: here, another program of the same account."""
    async with started(directory) as server:
        account = server.cluster.account
    pid_file = directory / "postgres" / "postmaster.pid"
    sleeper = subprocess.Popen(["sleep", "600"], **({"user": account.uid} if account.switch else {}))
    try:
        pid_file.write_text(f"{sleeper.pid}\n{directory}/postgres\n1700000000\n5432\n\n\n        0         0\nready\n")
        account.own(pid_file)
        async with started(directory) as server:
            assert await answers(server.url)
    finally:
        sleeper.kill()
        sleeper.wait()


async def test_an_unfinished_initdb_is_begun_anew(directory: Path) -> None:
    directory.mkdir(mode=0o711)
    (directory / "postgres.new").mkdir()
    (directory / "postgres.new" / "PG_VERSION").write_text("18\n")
    async with started(directory) as server:
        assert await answers(server.url)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_a_link_laid_by_the_servers_account_is_not_written_through(directory: Path, tmp_path: Path) -> None:
    """The database's user must not gain root's rights over files."""
    async with started(directory):
        pass
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (directory / "postgres" / "postgresql.auto.conf.new").symlink_to(victim)
    async with started(directory) as server:
        assert await answers(server.url)
    assert victim.read_text() == "untouched"
    assert victim.stat().st_uid == 0
