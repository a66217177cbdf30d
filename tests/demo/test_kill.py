"""A load that is killed leaves nothing behind, and the next one finds an empty database."""

import asyncio
import signal
from pathlib import Path

from store.connection import Connection
from tests.gateway.process import COMMAND, ROOT, environment

KEY = "k" * 43
TABLES = ("users", "organizations", "role_assignments", "signed_forms", "student_groups", "school_years")


async def _until(connection: Connection, sql: str) -> None:
    async with asyncio.timeout(60):
        while not await connection.fetchval(sql):  # noqa: ASYNC110 - what another process does tells no event
            await asyncio.sleep(0.02)


async def test_kill_9_in_the_middle_of_a_load_leaves_nothing(
    connection: Connection, database_url: str, tmp_path: Path
) -> None:
    settings = environment(
        {"HALLPASS_DATABASE_URL": database_url, "HALLPASS_SECRET_KEY": KEY, "HALLPASS_DATA_DIR": str(tmp_path)}
    )
    load = await asyncio.create_subprocess_exec(*COMMAND, "demo", "load", "--users", "60000", cwd=ROOT, env=settings)
    copying = """exists(select from pg_stat_activity where datname = current_database()
                 and state <> 'idle' and query ilike 'copy%role_assignments%')"""
    await _until(connection, f"select {copying}")
    load.send_signal(signal.SIGKILL)
    await load.wait()
    await _until(connection, f"select not {copying}")

    assert {table: await connection.fetchval(f"select count(*) from {table}") for table in TABLES} == dict.fromkeys(
        TABLES, 0
    )
    assert await connection.fetchval("select count(*) from audit_events where action = 'loadDemo'") == 0
    again = await asyncio.create_subprocess_exec(*COMMAND, "demo", "load", "--users", "200", cwd=ROOT, env=settings)
    assert await again.wait() == 0
    assert await connection.fetchval("select count(*) from users") == 200
