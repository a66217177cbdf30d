"""`hallpass audit`: verification with exit codes, and the head that an operator notes."""

import json

import pytest

from gateway.audit.sealing import sealing_key
from gateway.settings_values import secret_key
from store.audit_batches import seal_next
from store.database import Connection
from tests.audit.sealing_world import NOW, add
from tests.commands.conftest import SECRET_KEY, Command

pytestmark = pytest.mark.rule("state")


async def seal(connection: Connection) -> None:
    await add(connection, 4)
    while await seal_next(connection, sealing_key(secret_key(SECRET_KEY)), NOW, 2):
        pass


async def test_a_whole_trail_verifies_and_its_head_is_noted(command: Command, connection: Connection) -> None:
    await seal(connection)
    noted = command("audit", "head").stdout.strip()
    assert noted.startswith("2:")
    done = command("audit", "verify", "--head", noted, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["ok"], told["batches"], told["events"], told["waiting"], told["head"]) == (True, 2, 4, 0, noted)
    assert "The audit trail is whole: 4 events in 2 batches." in command("audit", "verify").stdout


async def test_what_is_found_is_told_and_ends_with_1(
    command: Command, connection: Connection, owner: Connection
) -> None:
    await seal(connection)
    noted = command("audit", "head", "--json")
    await owner.execute("alter table audit_events disable trigger user; alter table audit_batches disable trigger user")
    await owner.execute("update audit_events set action = 'other' where id = 1")
    await owner.execute("delete from audit_batches where number = 2")
    done = command("audit", "verify", "--json", "--head", json.loads(noted.stdout)["head"])
    assert done.returncode == 1
    assert [one["fault"] for one in json.loads(done.stdout)["findings"]] == ["changed-event", "another-head"]
    in_words = command("audit", "verify")
    assert in_words.returncode == 1
    assert "Batch 1" in in_words.stderr


def test_a_head_that_is_none_is_a_matter_of_usage(command: Command) -> None:
    done = command("audit", "verify", "--head", "x")
    assert done.returncode == 2
    assert "hallpass audit head" in done.stderr


def test_nothing_is_sealed_yet(command: Command) -> None:
    assert command("audit", "head").stdout == "Nothing is sealed yet.\n"
    assert command("audit", "verify").returncode == 0
