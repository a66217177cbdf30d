"""`hallpass access explain`: decision, reasons and what to do; by a person's rules or with a reason, and audited."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from store.connection import Connection
from store.packs import ensure_default_packs
from tests.commands.conftest import Command
from tests.graphql.world import CAASPP, PARK, populate, user_id
from tests.oidc.world import build

REASON = ("--operator", "she called the help desk")
SCHOOL = "school:19647331930000"
WINDOWS = "toms:windows:view"
Explain = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
async def state(connection: Connection) -> None:
    async with connection.transaction():
        await ensure_default_packs(connection)
    await build(connection)
    await populate(connection)


@pytest.fixture
def explain(command: Command, state: None) -> Explain:
    async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(command, "access", "explain", *arguments)

    return run


async def events(connection: Connection) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(
        "select actor_id, operator_reason, outcome, target_id from audit_events where action = 'explainAccess'"
    )
    return [tuple(row.values()) for row in rows]


async def test_for_the_operator_everything_in_words(explain: Explain, connection: Connection) -> None:
    found = await explain("unsigned@valley.example", WINDOWS, SCHOOL, *REASON)
    assert (found.returncode, found.stderr) == (0, "")
    for part in (
        f"Denied: Unsigned Example – {WINDOWS} – Park Elementary ({SCHOOL})",
        "  steps-missing: Her role would give this once these steps are done",
        "✗ CAASPP Test Administrator (caaspp) at Park Elementary",
        "S1, Table 2, Test administration window: “View only; site level”",
        "Not signed for 2026-27: CAASPP Test Security Affidavit.",
        "She signs the form herself; nobody can sign for her.",
        "Who could give it",
        "assigned by LEA CAASPP Coordinator: ",
        "Primary Example <primary@valley.example>",
    ):
        assert part in found.stdout, (part, found.stdout)
    assert await events(connection) == [(None, REASON[1], "allowed", str(user_id("unsigned")))]


async def test_allowed_says_by_which_cell_and_who_gave_it(explain: Explain, connection: Connection) -> None:
    await connection.execute(
        "update role_assignments set origin = 'person', assigned_by = $1, assigned_under = 'lea-coordinator' "
        "where user_id = $2",
        user_id("primary"),
        user_id("site"),
    )
    found = await explain(str(user_id("site")), WINDOWS, str(PARK), *REASON)
    assert found.stdout.startswith("Allowed: Site Example")
    assert "✓ Site CAASPP Coordinator (caaspp) at Park Elementary" in found.stdout
    assert "given by Primary Example as lea-coordinator on 2026-11-22" in found.stdout
    assert "Who could give it" not in found.stdout


async def test_as_a_person_by_her_rules(explain: Explain, connection: Connection) -> None:
    asked = ("unsigned@valley.example", WINDOWS, SCHOOL, "--as")
    told = json.loads((await explain(*asked, "site@valley.example", "--json")).stdout)
    assert (told["ok"], told["explain"]["decision"]["reason"]) == (True, "STEPS_MISSING")
    assert {one["email"] for way in told["explain"]["ways"] for one in way["people"]} == {"site@valley.example"}
    refused = await explain(*asked, "far-lead@valley.example")
    nobody = await explain("nobody@valley.example", *asked[1:], "far-lead@valley.example")
    assert (refused.returncode, refused.stdout, nobody.returncode) == (1, "", 1)
    assert refused.stderr.replace("unsigned@", "nobody@") == nobody.stderr
    assert "Traceback" not in refused.stderr
    actors = [(actor, outcome) for actor, _, outcome, _ in await events(connection)]
    assert actors == [
        (user_id("site"), "allowed"), (user_id("far-lead"), "denied"), (user_id("far-lead"), "denied"),
    ]  # fmt: skip


async def test_about_herself_without_seeing_others(explain: Explain) -> None:
    mine = await explain("teacher@valley.example", "hallpass:users:view", SCHOOL, "--as", "teacher@valley.example")
    assert mine.returncode == 0
    assert "CAASPP Test Administrator doesn't give hallpass:users:view." in mine.stdout
    assert "S1, Table 2, User management: “No”" in mine.stdout
    assert "assigned by LEA CAASPP Coordinator\n" in mine.stdout
    assert mine.stdout.count("@") == 0


async def test_options_narrow(explain: Explain) -> None:
    ask = ("site@valley.example", WINDOWS, SCHOOL, *REASON)
    assert (await explain(*ask, "--program", "elpac")).stdout.startswith("Denied")
    other = await explain(*ask, "--role", f"{CAASPP}/lea-coordinator")
    assert "Asked for the active role caaspp/lea-coordinator; this is another one." in other.stdout
    assert (await explain(*ask, "--program", "caaspp", "--role", "site-coordinator")).stdout.startswith("Allowed")
    assert (await explain(*ask, "--year", "2027-28")).stdout.startswith("Denied")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("site@valley.example", WINDOWS, SCHOOL), "--operator"),
        (("site@valley.example", WINDOWS, SCHOOL, *REASON, "--as", "a@b.org"), "--operator"),
        (("site@valley.example", "toms:window:view", SCHOOL, *REASON), f"Did you mean {WINDOWS}"),
        (("site@valley.example", WINDOWS, "Park Elementary", *REASON), "names no organization"),
        (("site@valley.example", WINDOWS, SCHOOL, *REASON, "--role", "site-coordinator"), "program/role"),
        (("site@valley.example", WINDOWS), "Missing argument"),
    ],
)
async def test_what_can_t_be_asked_is_usage(explain: Explain, arguments: tuple[str, ...], sentence: str) -> None:
    found = await explain(*arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert sentence in found.stderr
    assert "Traceback" not in found.stderr


async def test_only_an_active_account_asks(explain: Explain, connection: Connection) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("site"))
    found = await explain("teacher@valley.example", WINDOWS, SCHOOL, "--as", "site@valley.example")
    assert (found.returncode, "no active account" in found.stderr) == (1, True)


@pytest.mark.rule("years")
async def test_as_of_a_past_moment(explain: Explain, connection: Connection) -> None:
    before = await connection.fetchval("select clock_timestamp()")
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    found = await explain("colleague@valley.example", WINDOWS, SCHOOL, *REASON, "--at", before.isoformat())
    assert found.returncode == 0, found.stderr
    assert f"Allowed: Colleague Example – {WINDOWS}" in found.stdout
    assert "CAASPP Test Administrator (caaspp) at Park Elementary" in found.stdout
    assert "taken away since" in found.stdout
    refused = await explain("colleague@valley.example", WINDOWS, SCHOOL, *REASON, "--at", "yesterday")
    assert refused.returncode == 2
    assert "is no moment" in refused.stderr
