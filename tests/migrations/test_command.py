"""`hallpass migrate` migrates the database of the settings, says what it did, and refuses with exit code 1."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from gateway.cli import build_cli
from gateway.commands.migrate import login_of
from migrations.state import known_revisions
from tests.databases import Databases

HEAD = known_revisions()[-1]


@pytest.fixture
def environment(server: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = server.empty()
    monkeypatch.setenv("HALLPASS_DATABASE_URL", server.url(name))
    monkeypatch.setenv("HALLPASS_OWNER_DATABASE_URL", server.owner_url(name))
    monkeypatch.setenv("HALLPASS_SECRET_KEY", "A" * 43)
    yield name
    server.drop(name)


def test_once_and_again(environment: str) -> None:
    assert environment
    runner, app = CliRunner(), build_cli()
    first = runner.invoke(app, ["migrate"])
    assert (first.exit_code, first.output) == (0, f"The database went from revision none to {HEAD}.\n")
    again = runner.invoke(app, ["migrate", "--json"])
    assert (again.exit_code, json.loads(again.output)) == (0, {"ok": True, "before": HEAD, "after": HEAD})


def test_an_address_that_does_not_answer(environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment
    monkeypatch.setenv("HALLPASS_OWNER_DATABASE_URL", "postgresql://hallpass_owner@/hallpass?host=/nowhere")
    refused = CliRunner().invoke(build_cli(), ["migrate"])
    assert refused.exit_code == 1
    assert "The database can't be reached" in refused.stderr


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("postgresql://web:secret@db.example/hallpass", "web"),
        ("postgresql://first%40last@/hallpass?host=/run", "first@last"),
        ("postgresql:///hallpass?host=/run", None),
    ],
)
def test_the_login_of_an_address(url: str, login: str | None) -> None:
    assert login_of(url) == login
