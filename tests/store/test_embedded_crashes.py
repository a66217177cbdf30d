"""The embedded server survives what happens to processes: two at once, kill -9 of either side, stale pid files."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from store.database import open_connection, open_pool
from store.embedded import EmbeddedServer, start, watch
from tests.databases import data_directory
from tests.store.embedded_servers import address, answers, end, other_process, postmaster, started


@pytest.fixture
def directory() -> Iterator[Path]:
    with data_directory() as made:
        yield made


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
    """The watchdog starts it again, what was committed is there, and a pool that was open before goes on."""
    async with started(directory, durable=True) as server:
        await mark(server)
        pool = await open_pool(server.url, minimum=2, maximum=2)
        watching = asyncio.create_task(watch(server))
        await _watchdog_connected(server)
        before = postmaster(directory)
        os.kill(before, signal.SIGKILL)
        await _until_restarted(directory, before, server.url)
        assert await _as_owner(server, "select n from marks") == "SELECT 1"
        async with pool.acquire() as one, pool.acquire() as two:
            assert [await each.fetchval("select 1") for each in (one, two)] == [1, 1]
        await pool.close()
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
    sleeper = await asyncio.create_subprocess_exec("sleep", "600", user=account.uid if account.switch else None)
    try:
        pid_file.write_text(f"{sleeper.pid}\n{directory}/postgres\n1700000000\n5432\n\n\n        0         0\nready\n")
        account.own(pid_file)
        async with started(directory) as server:
            assert await answers(server.url)
    finally:
        sleeper.kill()
        await sleeper.wait()


async def mark(server: EmbeddedServer) -> None:
    await _as_owner(server, "create table marks (n int); insert into marks values (1)")


async def _as_owner(server: EmbeddedServer, sql: str) -> str:
    connection = await open_connection(server.owner_url, None)
    try:
        return await connection.execute(sql)
    finally:
        await connection.close()
