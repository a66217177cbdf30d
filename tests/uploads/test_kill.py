"""A file survives the death of its process and of the database: all is applied, or nothing, and it goes on."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from gateway.packs_in_force import PacksInForce
from gateway.state import Gateway
from gateway.uploads.working import work_on, work_on_next
from migrations.apply import migrate
from policy.upload_kinds import UploadState
from store.connection import Connection
from store.database import Pool, open_connection, open_pool
from store.embedded import EmbeddedServer, start
from store.packs import ensure_default_packs
from tests.databases import data_directory
from tests.gateway.process import ROOT, environment
from tests.graphql.world import populate
from tests.oidc.world import build
from tests.store.embedded_servers import postmaster
from tests.uploads.files import PARK_CODE, TA, TE, move, record, send, toms

ROWS = 3_000
WORKER = """
import asyncio, sys
from uuid import UUID
from tests.uploads.worker import work
asyncio.run(work(sys.argv[1], UUID(sys.argv[2])))
"""
_NUMBERS = random.Random(7)
DATA = toms(
    ("teacher@valley.example", TE, PARK_CODE), *((f"p{number}@valley.example", TA, PARK_CODE) for number in range(ROWS))
)


async def made(connection: Connection) -> tuple[int, int, int]:
    """Accounts, roles and events of the file in the database."""
    row = await connection.fetchrow(
        "select (select count(*) from users where email ~ '^p[0-9]+@valley.example$'), "
        "(select count(*) from role_assignments where assigned_by is not null), "
        "(select count(*) from audit_events where after ? 'upload')"
    )
    assert row is not None
    return row[0], row[1], row[2]


ALL, NONE = (ROWS, ROWS + 1, ROWS + 1), (0, 0, 0)


async def start_worker(url: str, upload: UUID) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, url, str(upload), cwd=ROOT, env=environment({}),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def killed_at(process: asyncio.subprocess.Process, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def undisturbed(url: str, upload: UUID) -> float:
    """Seconds that the work takes where nobody kills anything."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    assert await (await start_worker(url, upload)).wait() == 0
    return clock() - begun


async def test_kill_9_of_the_process_at_any_point(state: Gateway, database_url: str) -> None:
    upload = await send(state, DATA)
    await move(state, upload, UploadState.VALIDATING)
    seconds = await undisturbed(database_url, upload)
    assert (await record(state, upload)).state is UploadState.VALIDATED
    async with state.pool.acquire() as connection:
        for _ in range(3):
            for step in (UploadState.VALIDATING, UploadState.APPLYING):
                if (await record(state, upload)).state is UploadState.VALIDATED:
                    await move(state, upload, step)
                await killed_at(await start_worker(database_url, upload), _NUMBERS.uniform(0.4, 1.2) * seconds)
                found = (await record(state, upload)).state
                assert await made(connection) == (ALL if found is UploadState.APPLIED else NONE)
                await _let_go(connection)
                await connection.execute("delete from upload_progress")  # as if others' attempts had been few
                if found is UploadState.APPLIED:
                    return
                if found is not UploadState.VALIDATED:
                    await work_on(state, upload)  # whoever looks next takes it up
                assert await made(connection) in (ALL, NONE)
        while (await record(state, upload)).state is not UploadState.APPLIED:
            if (await record(state, upload)).state is UploadState.VALIDATED:
                await move(state, upload, UploadState.APPLYING)
            await work_on(state, upload)
        assert await made(connection) == ALL


async def _let_go(connection: Connection) -> None:
    """The server notices that its client is gone."""
    others = (
        "select exists (select from pg_locks where relation = 'upload_found'::regclass and pid <> pg_backend_pid())"
    )
    while await connection.fetchval(others):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@pytest.fixture
async def durable() -> AsyncIterator[tuple[EmbeddedServer, Path]]:
    """A server that keeps what it has said, with the small state in it."""
    with data_directory() as directory:
        server = await start(directory, durable=True)
        await migrate(server.owner_url)
        connection = await open_connection(server.url)
        async with connection.transaction():
            await ensure_default_packs(connection)
        await build(connection)
        await populate(connection)
        await connection.close()
        yield server, directory
        await server.stop()


async def test_kill_9_of_postgresql_at_any_point(durable: tuple[EmbeddedServer, Path], gateway: Gateway) -> None:
    server, directory = durable
    upload: UUID | None = None
    for number in range(3):
        pool = await open_pool(server.url, maximum=4)
        async with pool.acquire() as connection:
            here = _over(gateway, pool, await PacksInForce.load(connection))
        if upload is None:
            upload = await send(here, DATA)
            await move(here, upload, UploadState.VALIDATING)
        elif (await record(here, upload)).state is UploadState.VALIDATED:
            await move(here, upload, UploadState.APPLYING)
        working = asyncio.create_task(_to_the_end(here, upload))
        await asyncio.wait((working,), timeout=_NUMBERS.uniform(0.2, 2.5))
        os.kill(postmaster(directory), signal.SIGKILL)
        await asyncio.gather(working, return_exceptions=True)
        pool.terminate()
        server = await start(directory, durable=True)
        connection = await open_connection(server.url)
        state = await connection.fetchval("select state from uploads where id = $1", upload)
        assert await made(connection) == (ALL if state == "applied" else NONE), number
        assert await connection.fetchval("select count(*) from upload_rows") == 0
        await connection.close()
    pool = await open_pool(server.url, maximum=4)
    async with pool.acquire() as connection:
        here = _over(gateway, pool, await PacksInForce.load(connection))
    assert upload is not None
    await _to_the_end(here, upload)
    async with pool.acquire() as connection:
        assert await made(connection) == ALL
        assert await connection.fetchval("select count(*) from messages where cause = $1", upload) == ROWS + 1
    pool.terminate()


async def _to_the_end(gateway: Gateway, upload: UUID) -> None:
    while (state := (await record(gateway, upload)).state) is not UploadState.APPLIED:
        if state is UploadState.VALIDATED:
            await move(gateway, upload, UploadState.APPLYING)
        await work_on(gateway, upload)
    while await work_on_next(gateway):
        pass


def _over(gateway: Gateway, pool: Pool, packs: PacksInForce) -> Gateway:
    return replace(gateway, pool=pool, packs=packs)
