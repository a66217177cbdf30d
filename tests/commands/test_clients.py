"""`hallpass clients`: registered with a secret that is told once, listed without it, rotated, refused in sentences."""

import hashlib
import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from store.database import Connection
from tests.commands.conftest import Command

ADD = (
    *("clients", "add", "reporting", "--label", "Reporting", "--system", "cers=https://cers.example/"),
    *("--redirect-uri", "https://reporting.example/callback", "--operator", "pilot"),
    *("--changes-by", "refresh"),
)


async def kept(connection: Connection) -> list[bytes]:
    return await connection.fetchval("select secret_hashes from relying_parties where client_id = 'reporting'")


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def test_added_listed_and_rotated(command: Command, connection: Connection) -> None:
    added = command(*ADD)
    assert (added.returncode, added.stderr) == (0, "")
    first = added.stdout.splitlines()[-1]
    assert await kept(connection) == [digest(first)]
    listed = command("clients", "list")
    assert "https://reporting.example/callback" in listed.stdout
    assert first not in listed.stdout
    (client,) = json.loads(command("clients", "list", "--json").stdout)["clients"]
    assert (client["client_id"], client["systems"]) == ("reporting", ["cers"])
    assert "secret" not in json.dumps(client).replace("client_secret_basic", "")
    second = json.loads(command("clients", "rotate-secret", "reporting", "--operator", "yearly", "--json").stdout)
    assert await kept(connection) == [digest(second["client_secret"]), digest(first)]
    third = command("clients", "rotate-secret", "reporting", "--operator", "leaked", "--only").stdout.splitlines()[-1]
    assert await kept(connection) == [digest(third)]
    audited = await connection.fetch("select action, operator_reason from audit_events order by id")
    assert [tuple(row.values()) for row in audited] == [
        ("registerRelyingParty", "pilot"),
        ("rotateRelyingPartySecret", "yearly"),
        ("rotateRelyingPartySecret", "leaked"),
    ]


def test_a_client_without_a_secret(command: Command) -> None:
    added = command(*ADD, "--auth-method", "none")
    assert (added.returncode, added.stdout) == (0, "reporting is registered, without a secret.\n")
    refused = command("clients", "rotate-secret", "reporting", "--operator", "x")
    assert (refused.returncode, "no client reporting with a secret" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--system", "unknown"), "is not a system of any pack"),
        (("--system", "thss"), "has no resource URI yet"),
        (("--system", "thss=https://["), "can't be an audience"),
        (("--system", "thss=https://hallpass.example.gov/"), "this gateway's own address"),
        (("--redirect-uri", "http://reporting.example/"), "plain http"),
        (("--launch-uri", "javascript:alert(1)"), "not a web address"),
        (("--scope", "everything"), "is no scope"),
        (("--grant", "password"), "is no grant"),
    ],
)
async def test_refused_with_a_sentence(
    command: Command, connection: Connection, more: tuple[str, ...], sentence: str
) -> None:
    refused = command(*ADD, *more)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr
    assert await connection.fetchval("select count(*) from relying_parties") == 0


def test_twice(command: Command) -> None:
    assert command(*ADD).returncode == 0
    refused = command(*ADD, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["ok"]) == (1, False)


@pytest.mark.parametrize("missing", ["--label", "--system", "--operator"])
def test_what_must_be_said(command: Command, missing: str) -> None:
    at = ADD.index(missing)
    assert command(*ADD[:at], *ADD[at + 2 :]).returncode == 2


def test_a_client_says_how_it_learns_of_changes(command: Command) -> None:
    refused = command(*ADD[:-2])
    assert (refused.returncode, "learns of changes" in refused.stderr) == (2, True)


async def test_keys_from_a_file(command: Command, connection: Connection, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}))
    more = ("--auth-method", "private_key_jwt", "--jwks", str(file), "--dpop-bound", "--require-par", "--first-party")
    added = command(*ADD, *more)
    assert (added.returncode, added.stdout) == (0, "reporting is registered, without a secret.\n")
    (client,) = json.loads(command("clients", "list", "--json").stdout)["clients"]
    assert (client["dpop_bound"], client["require_par"], client["first_party"]) == (True, True, True)
    assert client["jwks"] == json.loads(file.read_text())
    assert command("clients", "replace-keys", "reporting", "--jwks", str(file), "--operator", "x").returncode == 0
    file.write_text("no JSON")
    refused = command("clients", "replace-keys", "reporting", "--jwks", str(file), "--operator", "x")
    assert (refused.returncode, "can't be read as JSON" in refused.stderr) == (1, True)
    audited = await connection.fetch("select action from audit_events order by id")
    assert [row["action"] for row in audited] == ["registerRelyingParty", "replaceRelyingPartyKeys"]
