"""Migrations run forward, once, whole or not at all, and leave the serving role without rights over the schema."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from migrations import apply, state
from migrations.apply import Migrated, migrate
from migrations.errors import MigrationError
from migrations.state import known_revisions, version_state
from store.database import Connection, open_connection
from tests.databases import Databases

HEAD = known_revisions()[-1]


@pytest.fixture
def empty(each_server: Databases) -> Iterator[str]:
    """A database of either server that has no schema."""
    name = each_server.empty()
    yield name
    each_server.drop(name)


@pytest.fixture
def migrated(each_server: Databases) -> Iterator[str]:
    """A migrated database of either server."""
    name = each_server.migrated()
    yield name
    each_server.drop(name)


async def revision(url: str) -> str | None:
    connection = await open_connection(url)
    try:
        return (await version_state(connection)).database
    finally:
        await connection.close()


async def test_a_fresh_database_then_again(each_server: Databases, empty: str) -> None:
    url = each_server.owner_url(empty)
    assert await migrate(url) == Migrated(None, HEAD)
    assert await migrate(url) == Migrated(HEAD, HEAD)
    assert await revision(each_server.url(empty)) == HEAD


async def test_two_at_once(each_server: Databases, empty: str) -> None:
    url = each_server.owner_url(empty)
    done = await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert sorted(done, key=lambda each: each.before or "") == [Migrated(None, HEAD)] + 3 * [Migrated(HEAD, HEAD)]


async def test_a_newer_database_is_refused_with_a_sentence(each_server: Databases, migrated: str) -> None:
    connection = await open_connection(each_server.owner_url(migrated), "hallpass_owner")
    await connection.execute("update alembic_version set version_num = '9999'")
    await connection.close()
    with pytest.raises(MigrationError) as refused:
        await migrate(each_server.owner_url(migrated))
    assert str(refused.value) == (
        f"The database is at revision 9999 and this version of Hallpass knows only up to {HEAD}: "
        "install the newer version of Hallpass that migrated it."
    )


async def test_a_failure_in_the_middle_rolls_back(each_server: Databases, migrated: str, tmp_path: Path) -> None:
    directory = _with_revision(tmp_path, "create table half (n int);\nselect 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(each_server.owner_url(migrated), directory=directory)
    connection = await open_connection(each_server.url(migrated))
    assert await connection.fetchval("select to_regclass('half')::text") is None
    assert (await version_state(connection)).database == HEAD
    await connection.close()


async def test_sql_runs_as_written(each_server: Databases, migrated: str, tmp_path: Path) -> None:
    """Colons in comments and strings, `%`, bodies in $$ and several statements are nobody's parameters."""
    sql = "-- :name\ncreate table half (t text default ':x 100%');\ndo $$ begin insert into half values (':y'); end $$;"
    directory = _with_revision(tmp_path, sql)
    assert (await migrate(each_server.owner_url(migrated), directory=directory)).after == "9000"
    connection = await open_connection(each_server.owner_url(migrated), "hallpass_owner")
    assert await connection.fetchval("select t from half") == ":y"
    await connection.close()


async def test_a_table_in_use_makes_the_migration_give_way(
    each_server: Databases, migrated: str, tmp_path: Path
) -> None:
    directory = _with_revision(tmp_path, "alter table systems add column note text;")
    reader = await open_connection(each_server.url(migrated))
    async with reader.transaction():
        await reader.fetch("select * from systems")
        with pytest.raises(MigrationError, match=r"stayed in use by others for 50ms.*changed nothing"):
            await migrate(each_server.owner_url(migrated), lock_timeout="50ms", directory=directory)
    await reader.close()


async def test_another_migration_that_never_ends_is_not_waited_for_without_end(
    each_server: Databases, migrated: str
) -> None:
    other = await open_connection(each_server.owner_url(migrated), None)
    await other.execute("select pg_advisory_lock($1)", apply._LOCK_KEY)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(MigrationError, match="Another migration of this database has run for 0 seconds"):
        await migrate(each_server.owner_url(migrated), wait_seconds=0.2)
    await other.close()


async def test_the_migration_tool_is_imported_only_when_there_is_work(migrated: str, each_server: Databases) -> None:
    program = (
        "import asyncio, sys; from migrations.apply import migrate; "
        f"asyncio.run(migrate({each_server.owner_url(migrated)!r})); sys.exit('alembic' in sys.modules)"
    )
    import sys

    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=Path(__file__).parents[2])
    assert await process.wait() == 0


@pytest.mark.parametrize(
    "sql",
    [
        "create table hallpass.t (n int)",
        "create table public.t (n int)",
        "create schema t",
        "alter table users add column t text",
        "drop table users",
        "truncate users",
        "create index on users (phone)",
        "alter table audit_events disable trigger all",
        "update audit_events set action = 'nothing'",
        "delete from audit_events",
        "truncate audit_events",
        "update alembic_version set version_num = '0000'",
        "delete from alembic_version",
        "set role hallpass_owner",
    ],
)
async def test_the_serving_role_cannot(connection: Connection, sql: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(sql)


async def test_the_serving_role_reads_and_writes_rows_and_adds_to_the_audit_trail(connection: Connection) -> None:
    sql = (
        "insert into audit_events (action, outcome, target_type, target_id, after) "
        "values ('assignRole', 'allowed', 'user', '1', $1) returning id, after"
    )
    row = await connection.fetchrow(sql, {"role": "x"})
    assert row is not None
    assert (row["id"], row["after"]) == (1, {"role": "x"})
    tables = await connection.fetch("select tablename from pg_tables where schemaname = 'hallpass'")
    for (table,) in tables:
        await connection.fetch(f"select * from {table}")
    assert await connection.execute("update access_state set version = version + 1") == "UPDATE 1"


async def test_state_of_an_empty_a_current_and_an_older_database(connection: Connection, server: Databases) -> None:
    found = await version_state(connection)
    assert (found.current, found.newer, found.problem) == (True, False, None)
    name = server.empty()
    other = await open_connection(server.owner_url(name), None)
    found = await version_state(other)
    await other.close()
    server.drop(name)
    assert (found.database, found.current) == (None, False)
    assert found.problem == f"The database is at revision none and not at {HEAD}: run `hallpass migrate`."


def test_revisions_are_one_line_numbered_by_their_files() -> None:
    from migrations.engine import script_directory

    script = script_directory(Path(state.__file__).parent)
    walked = [each.revision for each in script.walk_revisions()]
    assert tuple(reversed(walked)) == known_revisions()
    assert all(isinstance(each.down_revision, str | None) for each in script.walk_revisions())


def test_revisions_go_forward_only() -> None:
    for path in state.VERSIONS_DIRECTORY.glob("*.py"):
        assert "def downgrade" not in path.read_text()


def test_the_queue_is_the_one_that_the_installed_library_expects(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails, write a revision with the library's own upgrade statements; 0001 stays as it is."""
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
    from pgqueuer.domain.settings import DBSettings

    text = QueryBuilderEnvironment(DBSettings(db_schema="hallpass")).build_install_query(create_schema=False)
    kept = (Path(state.__file__).parent / "sql" / "0001_queue.sql").read_text()
    assert _code(kept) == _code(text)


def _code(sql: str) -> list[str]:
    return [line.rstrip() for line in sql.splitlines() if line.strip() and not line.startswith("--")]


def _with_revision(directory: Path, sql: str) -> Path:
    """A copy of the revisions and one more that runs `sql`."""
    copy = directory / "with a blank"
    shutil.copytree(state.VERSIONS_DIRECTORY, copy / "versions")
    (copy / "versions" / "9000_more.py").write_text(
        "from migrations.run_sql import run_sql\n"
        f"revision = '9000'\ndown_revision = {HEAD!r}\n\ndef upgrade() -> None:\n    run_sql({sql!r})\n"
    )
    return copy
