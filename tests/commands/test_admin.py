"""`hallpass admin invite`: the first administrator, and nobody else."""

import json

import pytest

from store.database import Connection
from tests.commands.conftest import Command

INVITE = ("admin", "invite", "first@example.gov", "--first-name", "Ada", "--last-name", "Lane")
LINK = "https://hallpass.example.gov/signin/invitation?token="


async def test_the_link_is_printed_and_kept_as_a_hash(command: Command, connection: Connection) -> None:
    done = command(*INVITE, "--operator", "the first one")
    assert (done.returncode, done.stderr) == (0, "")
    link = done.stdout.splitlines()[-1]
    assert link.startswith(LINK)
    token = link.removeprefix(LINK)
    assert len(token) == 43
    row = await connection.fetchrow("select token_hash, purpose from account_links")
    assert row is not None
    assert (row["purpose"], len(row["token_hash"])) == ("invitation", 32)
    event = await connection.fetchrow("select action, operator_reason, after from audit_events")
    assert event is not None
    assert (event["action"], event["operator_reason"]) == ("inviteAdministrator", "the first one")
    assert token not in str(dict(event))
    role = await connection.fetchrow("select program, role from role_assignments")
    assert role is not None
    assert role["program"] == "state"


async def test_a_second_invitation_ends_the_first(command: Command, connection: Connection) -> None:
    first = json.loads(command(*INVITE, "--json").stdout)
    second = json.loads(command(*INVITE, "--json").stdout)
    assert (first["ok"], first["email"]) == (True, "first@example.gov")
    assert first["link"] != second["link"]
    assert await connection.fetchval("select count(*) from account_links where used_at is null") == 1
    assert await connection.fetchval("select count(*) from role_assignments") == 1


async def test_refused_while_there_is_one(command: Command, connection: Connection) -> None:
    command(*INVITE)
    await connection.execute("update users set status = 'active', password_hash = 'some'")
    refused = command("admin", "invite", "second@example.gov", "--first-name", "B", "--last-name", "C")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "already" in refused.stderr
    told = command("admin", "invite", "second@example.gov", "--first-name", "B", "--last-name", "C", "--json")
    assert json.loads(told.stdout)["ok"] is False
    assert await connection.fetchval("select count(*) from users") == 1


@pytest.mark.parametrize("email", ["nobody", "a@", "a b@example.gov", "a@example.gov\n", ""])
def test_what_is_no_address(command: Command, email: str) -> None:
    refused = command("admin", "invite", email, "--first-name", "A", "--last-name", "B")
    assert refused.returncode == 1
    assert "is not an e-mail address" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_name_is_needed(command: Command) -> None:
    refused = command("admin", "invite", "first@example.gov", "--first-name", " ", "--last-name", "B")
    assert (refused.returncode, "--first-name" in refused.stderr) == (1, True)
