"""`hallpass programs`: pack files are checked without a database, and loaded with an audit event and a new epoch."""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from typer.testing import CliRunner

from gateway.commands import programs
from store.database import open_connection
from store.shipped_packs import PROGRAMS

ISAT = PROGRAMS / "isat.toml"


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    programs.register(app)
    return app


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.toml"
    path.write_text(ISAT.read_text(encoding="utf-8").replace("tide:students:add", "tide:students:invent"), "utf-8")
    return path


def test_sound_files_pass(app: typer.Typer) -> None:
    done = CliRunner().invoke(app, ["programs", "check", str(ISAT), str(PROGRAMS / "caaspp.toml")])
    assert (done.exit_code, done.output) == (0, "2 files: no problems.\n")


def test_a_problem_names_file_key_and_fault(app: typer.Typer, faulty: Path) -> None:
    done = CliRunner().invoke(app, ["programs", "check", str(faulty), str(ISAT)])
    problem = (
        'tables["Table 3"].rows["Adding Students"].state-administrator: '
        "tide:students:invent is no permission of the vocabulary."
    )
    assert (done.exit_code, done.output) == (1, f"{faulty}: {problem}\n2 files: 1 problem.\n")


def test_machines_get_one_document(app: typer.Typer, faulty: Path) -> None:
    done = CliRunner().invoke(app, ["programs", "check", str(faulty), "--json"])
    told = json.loads(done.output)
    assert (done.exit_code, told["ok"]) == (1, False)
    assert told["problems"][0]["key"].endswith("state-administrator")


@pytest.mark.parametrize(
    ("name", "content", "code", "sentence"),
    [
        ("absent.toml", None, 2, "can't be read"),
        ("latin.toml", b"label = \"Espa\xf1ol\"", 1, "is not UTF-8 text"),
        ("broken.toml", b"label = ", 1, "is not valid TOML"),
    ],
)  # fmt: skip
def test_what_is_no_pack_file_is_refused(
    app: typer.Typer, tmp_path: Path, name: str, content: bytes | None, code: int, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = CliRunner().invoke(app, ["programs", "check", str(path)])
    assert done.exit_code == code
    assert sentence in done.output


def test_loading_needs_a_reason(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["programs", "load", str(ISAT)]).exit_code == 2
    assert CliRunner().invoke(app, ["programs", "load", str(ISAT), "--operator", " "]).exit_code == 2


@pytest.mark.usefixtures("served_database")
def test_loading_stores_tells_and_is_audited(app: typer.Typer, database_url: str, faulty: Path) -> None:
    before = asyncio.run(stored(database_url))
    first = CliRunner().invoke(app, ["programs", "load", str(ISAT), "--operator", "first load", "--json"])
    assert json.loads(first.output) == {"ok": True, "pack": "isat 2025-26", "done": "added"}
    after = asyncio.run(stored(database_url))
    assert after.epoch > before.epoch
    assert after.packs == [("isat", "2025-26")]
    assert after.audit == [("loadPack", "isat 2025-26", "first load")]

    again = CliRunner().invoke(app, ["programs", "load", str(ISAT), "--operator", "again"])
    assert again.output == "isat 2025-26: unchanged.\n"
    refused = CliRunner().invoke(app, ["programs", "load", str(faulty), "--operator", "faulty"])
    assert refused.exit_code == 1
    assert refused.output.endswith("Nothing was loaded.\n")
    assert asyncio.run(stored(database_url)) == after


@pytest.fixture
def served_database(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("HALLPASS_DATABASE_URL", database_url)
    monkeypatch.setenv("HALLPASS_SECRET_KEY", "A" * 43)


class Stored(NamedTuple):
    epoch: int
    packs: list[tuple[str, ...]]
    audit: list[tuple[str, ...]]


async def stored(url: str) -> Stored:
    connection = await open_connection(url)
    try:
        packs = await connection.fetch("select program, from_year from packs")
        audit = await connection.fetch("select action, target_id, operator_reason from audit_events")
        return Stored(
            await connection.fetchval("select epoch from access_state"),
            [tuple(row.values()) for row in packs],
            [tuple(row.values()) for row in audit],
        )
    finally:
        await connection.close()
