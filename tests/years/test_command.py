"""`hallpass year` as its own process: who may, the confirmation, the figures, and a closing that was cut off."""

import json

import pytest

from store.database import Connection
from tests.commands.conftest import Command, command
from tests.policy import worlds
from tests.years.test_closing import hold

__all__ = ["command"]

AS_OPERATOR = ("--operator", "the summer")
CONFIRM = ("--confirm", "close caaspp 2026-27")


@pytest.fixture
async def _state(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    for one in worlds.TREE:
        parent = None if one.lea is None else (worlds.STATE.id if one.lea == one.id else one.lea)
        await connection.execute(
            "insert into organizations (id, level, parent_id, lea_id, code, name, name_key) "
            "values ($1, $2, $3, $4, $5, $6, $6)",
            one.id, one.level.value, parent, one.lea, one.code, one.name,
        )  # fmt: skip
    await connection.execute("insert into school_years values ('caaspp', '2026-27', 'current')")
    await hold(connection, "goes", "test-administrator", "2026-27", "caaspp")


@pytest.mark.rule("years")
@pytest.mark.usefixtures("_state")
async def test_open_rehearse_close(command: Command, connection: Connection) -> None:
    assert command("year", "open", "caaspp", "2027-28").returncode == 2
    refused = command("year", "close", "caaspp", "2026-27", *CONFIRM, *AS_OPERATOR)
    assert (refused.returncode, "Open 2027-28 first" in refused.stderr) == (1, True)
    opened = command("year", "open", "caaspp", "2027-28", *AS_OPERATOR)
    assert (opened.returncode, opened.stdout) == (0, "caaspp 2027-28 is upcoming.\n")
    found = command("year", "rehearse", "caaspp", "2026-27", *AS_OPERATOR, "--json")
    assert found.returncode == 0, found
    rehearsed = json.loads(command("year", "rehearse", "caaspp", "2026-27", *AS_OPERATOR, "--json").stdout)
    assert (rehearsed["assignments"], rehearsed["inactive"], rehearsed["confirmation"]) == (1, 1, CONFIRM[1])
    refused = command("year", "close", "caaspp", "2026-27", *AS_OPERATOR, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["ok"]) == (1, False)
    closed = json.loads(command("year", "close", "caaspp", "2026-27", *CONFIRM, *AS_OPERATOR, "--json").stdout)
    assert (closed["expired"], closed["inactivated"], closed["phase"]) == (1, 1, "done")
    reasons = await connection.fetch(
        "select distinct operator_reason from audit_events where target_type = 'school_year'"
    )
    assert [one["operator_reason"] for one in reasons] == ["the summer"]


@pytest.mark.usefixtures("_state")
async def test_a_person_needs_the_states_role(command: Command, connection: Connection) -> None:
    refused = command("year", "open", "caaspp", "2027-28", "--as", "goes@x.org")
    assert (refused.returncode, "may not" in refused.stderr) == (1, True)
    denied = await connection.fetchrow("select action, outcome from audit_events")
    assert denied is not None
    assert (denied["action"], denied["outcome"]) == ("openSchoolYear", "denied")
    assert command("year", "open", "caaspp", "2027-28", "--as", "nobody@x.org").returncode == 1
