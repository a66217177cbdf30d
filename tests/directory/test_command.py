"""`hallpass organizations`: what it prints, its exit codes, and that a killed import leaves nothing behind."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from store.connection import Connection
from store.database import open_connection
from tests.directory.files import LEA, ROWS, csv, text
from tests.gateway.prepared import prepared_hallpass
from tests.gateway.process import COMMAND, ROOT, environment

REASON = ("--operator", "the state's file of November")


@pytest.fixture
def settings(database_url: str, owner_database_url: str, tmp_path: Path) -> Mapping[str, str]:
    return {
        "HALLPASS_DATABASE_URL": database_url,
        "HALLPASS_OWNER_DATABASE_URL": owner_database_url,
        "HALLPASS_DATA_DIR": str(tmp_path / "data"),
        "HALLPASS_SECRET_KEY": "qmC0yM8kK4p7r5Zc3v0m9t2X1n6b8d4e7g5h3j1k9l0",
    }


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_validate_then_import_then_again(settings: Mapping[str, str], tmp_path: Path) -> None:
    file = write(tmp_path / "directory.csv", csv())
    shown = prepared_hallpass("organizations", "validate", file, more=settings)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "8  added" in shown.stdout
    done = prepared_hallpass("organizations", "import", file, *REASON, more=settings)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Imported.")
    again = prepared_hallpass("organizations", "import", file, *REASON, "--json", more=settings)
    assert json.loads(again.stdout)["applied"] is False
    assert again.returncode == 0


def test_a_refused_file_is_reported_per_row(settings: Mapping[str, str], tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.csv", csv(**{f"r{LEA}": "1611190000000,Alameda,lea,,,,,,yes"}))
    refused = prepared_hallpass("organizations", "import", bad, *REASON, "--json", more=settings)
    assert refused.returncode == 1
    (problem,) = json.loads(refused.stdout)["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (3, "code", "1611190000000")
    assert problem["remedy"].startswith("Write 01611190000000")
    said = prepared_hallpass("organizations", "validate", bad, more=settings)
    assert said.stderr.splitlines()[-1] == "Nothing was stored."


@pytest.mark.parametrize("who", [(), (*REASON, "--as", "a@b.org"), ("--operator", " ")])
def test_somebody_must_answer_for_an_import(settings: Mapping[str, str], tmp_path: Path, who: tuple[str, ...]) -> None:
    file = write(tmp_path / "directory.csv", csv())
    refused = prepared_hallpass("organizations", "import", file, *who, more=settings)
    assert refused.returncode == 2
    assert "--operator" in refused.stderr


async def test_a_person_without_the_permission_is_refused_and_audited(
    settings: Mapping[str, str], tmp_path: Path, connection: Connection
) -> None:
    file = write(tmp_path / "directory.csv", csv())
    nobody = await asyncio.to_thread(
        prepared_hallpass, "organizations", "import", file, "--as", "ann@x.org", more=settings
    )
    assert (nobody.returncode, nobody.stderr.strip()) == (1, "There is no account with the address ann@x.org.")
    await connection.execute(
        "insert into users (id, email, email_key, first_name, last_name, name_key, status) "
        "values (gen_random_uuid(), 'ann@x.org', 'ann@x.org', 'Ann', 'Bell', 'bell ann', 'active')"
    )
    refused = await asyncio.to_thread(
        prepared_hallpass, "organizations", "import", file, "--as", "ann@x.org", more=settings
    )
    assert refused.returncode == 1
    assert "may not import the directory" in refused.stderr
    assert await connection.fetchval("select outcome from audit_events where action = 'importDirectory'") == "denied"
    await _make_state_administrator(connection)
    done = await asyncio.to_thread(
        prepared_hallpass, "organizations", "import", file, "--as", "ann@x.org", more=settings
    )
    assert (done.returncode, done.stderr) == (0, "")
    under = await connection.fetchval("select acting_under from audit_events where outcome = 'allowed'")
    assert under == "state/state-administrator"


async def _make_state_administrator(connection: Connection) -> None:
    await connection.execute(
        "with state as (insert into organizations (id, level, code, name, name_key) "
        "values (gen_random_uuid(), 'state', 'CA', 'California', 'california') returning id) "
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, name_key, status, origin) "  # noqa: E501
        "select gen_random_uuid(), u.id, 'state', 'state-administrator', '', state.id, u.name_key, 'active', "
        "'operator' "
        "from users u, state"
    )


@pytest.mark.slow
async def test_a_killed_import_leaves_nothing_and_the_next_one_works(
    settings: Mapping[str, str], tmp_path: Path, database_url: str
) -> None:
    leas = [f"{n:07d}0000000,District {n},lea,,,First{n},Last{n},head{n}@d{n}.org,yes" for n in range(1, 1_001)]
    schools = [
        f"{n:07d}{s:07d},School {n} {s},school,{n:07d}0000000,,,,,yes" for n in range(1, 1_001) for s in range(1, 13)
    ]
    file = write(tmp_path / "large.csv", text((ROWS["state"], *leas, *schools)).encode())
    connection = await open_connection(database_url)
    try:
        for _ in range(2):
            await _kill_while_it_writes(file, settings, connection)
            for table in ("organizations", "organization_codes", "users", "directory_imports", "audit_events"):
                assert await connection.fetchval(f"select count(*) from {table}") == 0, table
        done = await asyncio.to_thread(prepared_hallpass, "organizations", "import", file, *REASON, more=settings)
        assert (done.returncode, done.stderr) == (0, "")
        assert await connection.fetchval("select count(*) from organizations") == 13_001
    finally:
        await connection.close()


async def _kill_while_it_writes(file: str, settings: Mapping[str, str], connection: Connection) -> None:
    """Kill -9 the import while its transaction has written and isn't committed."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "organizations", "import", file, *REASON, "--json",
        cwd=ROOT, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    writing = (
        "select exists (select from pg_locks l join pg_stat_activity a on a.pid = l.pid "
        "where l.mode = 'RowExclusiveLock' and l.relation = 'organization_codes'::regclass "
        "and a.datname = current_database())"
    )
    while not await connection.fetchval(writing):
        assert process.returncode is None, "the import ended before it was seen to write"
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    gone = "select not exists (select from pg_locks l where l.relation = 'organization_codes'::regclass)"
    while not await connection.fetchval(gone):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
