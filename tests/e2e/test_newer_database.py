"""A database that a newer version has migrated is refused with one sentence, and stays as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.apply import migrate
from migrations.state import known_revisions
from store.database import open_connection
from store.embedded import start
from tests.databases import Databases, run
from tests.e2e.state import external
from tests.gateway.process import free_port, hallpass

NEWER = "9999"
REFUSAL = (
    f"The database is at revision {NEWER} and this version of Hallpass knows only up to {known_revisions()[-1]}: "
    "install the newer version of Hallpass that migrated it.\n"
)


@pytest.fixture
def newer(server: Databases) -> Iterator[tuple[dict[str, str], str]]:
    """Settings of a database at a revision that this code doesn't know, and its owner's address."""
    name = server.migrated()
    address = server.owner_url(name)
    run(_set_revision(address))
    yield external(server.url(name), address), address
    server.drop(name)


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_it_is_refused(newer: tuple[dict[str, str], str], command: str) -> None:
    settings, address = newer
    before = run(_tables(address))
    done = hallpass(command, more=settings | {"HALLPASS_PORT": str(free_port())})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSAL)
    assert run(_tables(address)) == before


@pytest.mark.slow
def test_so_is_one_in_the_data_directory(data_dir: Path) -> None:
    """The embedded server is stopped again."""
    run(_embedded_at_newer(data_dir))
    done = hallpass("serve", "--port", str(free_port()), more={"HALLPASS_DATA_DIR": str(data_dir)})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSAL)
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


async def _embedded_at_newer(data_dir: Path) -> None:
    server = await start(data_dir, durable=False)
    try:
        await migrate(server.owner_url)
        await _set_revision(server.owner_url)
    finally:
        await server.stop()


async def _set_revision(address: str) -> None:
    connection = await open_connection(address, None)
    await connection.execute(f"update alembic_version set version_num = '{NEWER}'")
    await connection.close()


async def _tables(address: str) -> list[str]:
    """Every table with its columns, and how many rows the small ones of the start have."""
    connection = await open_connection(address, None)
    rows = await connection.fetch(
        "select table_name || '.' || column_name || ' ' || data_type as text from information_schema.columns "
        "where table_schema = 'hallpass' order by 1"
    )
    counts = await connection.fetch(
        "select 'packs' as name, count(*) from packs union all select 'keys', count(*) from signing_keys "
        "union all select 'revision ' || version_num, 1 from alembic_version"
    )
    await connection.close()
    return [*(str(row["text"]) for row in rows), *(f"{row['name']} {row['count']}" for row in counts)]
