"""`hallpass users`: what it prints, its exit codes, and that a list that was written can be sent again."""

import asyncio
import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.state import Gateway
from tests.gateway.prepared import prepared_hallpass
from tests.uploads.files import HILL_CODE, LEA_CODE, PARK_CODE, TA, TE, toms

AS = ("--as", "primary@valley.example")
CAASPP = ("--program", "caaspp")
GOOD = toms(("ada@valley.example", TA, PARK_CODE), ("bo@valley.example", TE, HILL_CODE))


@pytest.fixture
def settings(state: Gateway, database_url: str, owner_database_url: str, tmp_path: Path) -> Mapping[str, str]:
    del state  # it is in the database
    return {
        "HALLPASS_DATABASE_URL": database_url,
        "HALLPASS_OWNER_DATABASE_URL": owner_database_url,
        "HALLPASS_DATA_DIR": str(tmp_path / "data"),
        "HALLPASS_SECRET_KEY": "qmC0yM8kK4p7r5Zc3v0m9t2X1n6b8d4e7g5h3j1k9l0",
    }


async def run(settings: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    done = await asyncio.to_thread(prepared_hallpass, "users", *arguments, more=settings)
    return done.returncode, done.stdout, done.stderr


async def test_validate_then_upload_then_again(settings: Mapping[str, str], tmp_path: Path) -> None:
    file, report = tmp_path / "people.csv", tmp_path / "report.csv"
    file.write_bytes(GOOD)
    code, out, err = await run(settings, "validate", str(file), *CAASPP, *AS, "--report", str(report))
    assert (code, out.split(), err) == (0, ["2", "created"], "")
    assert [line["Outcome"] for line in csv.DictReader(report.open(encoding="utf-8"))] == ["created", "created"]
    code, out, err = await run(settings, "upload", str(file), *CAASPP, *AS, "--json")
    assert (code, json.loads(out)["applied"], json.loads(out)["counts"], err) == (0, True, {"created": 2}, "")
    code, out, _ = await run(settings, "upload", str(file), *CAASPP, *AS)
    assert (code, out.splitlines()[-1]) == (0, "Nothing to change: all is as the file says.")


async def test_a_refused_file_ends_with_1_and_says_why(settings: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(toms(("ada@valley.example", TA, "1964733193000")))
    code, _, err = await run(settings, "upload", str(file), *CAASPP, *AS)
    assert code == 1
    assert "row 2, CDS Code" in err
    teacher = await run(settings, "upload", str(file), *CAASPP, "--as", "teacher@valley.example")
    assert teacher[0] == 1
    assert "None of the roles" in teacher[2]


@pytest.mark.parametrize("who", [(), (*AS, "--operator", "why"), ("--operator", " ")])
async def test_somebody_must_answer_for_it(settings: Mapping[str, str], tmp_path: Path, who: tuple[str, ...]) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(GOOD)
    assert (await run(settings, "upload", str(file), *CAASPP, *who))[0] == 2


@pytest.mark.rule("S0-37")
async def test_s0_37_the_list_can_be_sent_again(settings: Mapping[str, str], tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    code, said, _ = await run(settings, "export", str(out), *CAASPP, "--lea", LEA_CODE, *AS)
    assert code == 0, said
    lines = list(csv.reader(out.open(encoding="utf-8-sig")))
    assert lines[0][:6] == [
        "First Name", "Last Name", "CDS Code", "E-mail Address", "Telephone Number", "Role in Organization",
    ]  # fmt: skip
    assert not any("far-" in line[3] for line in lines)
    code, said, err = await run(settings, "upload", str(out), *CAASPP, *AS, "--json")
    assert (code, json.loads(said)["counts"]) == (0, {"unchanged": len(lines) - 1}), err
