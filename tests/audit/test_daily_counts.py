"""Daily counts by role, school and system: each person once, kept as runs of days, small for ten years."""

from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from gateway.audit import counts as counting
from gateway.audit.counts import count_people
from gateway.outbox.daily import Day
from gateway.state import Gateway
from store.connection import Connection
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, LEA, PARK, Caller, codes, user_id

pytestmark = pytest.mark.rule("state")

COUNTS = """query ($organization: OrganizationRef!, $since: Date!, $until: Date!) {
    dailyCounts(organization: $organization, since: $since, until: $until) {
        kind program schoolYear name fromDay toDay people } }"""
FIRST = date(2026, 11, 22)


async def count(gateway: Gateway, connection: Connection, day: date) -> int:
    position, parts = None, 0
    while True:
        async with connection.transaction():
            position = await count_people(Day(gateway, day, position), connection)
        parts += 1
        if position is None:
            return parts


async def read(
    asking: Caller, place: Any, since: date, until: date
) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
    asked = {"organization": {"id": str(place)}, "since": since.isoformat(), "until": until.isoformat()}
    rows = (await asking.data(COUNTS, **asked))["dailyCounts"]
    found: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for one in rows:
        if one["program"] == "caaspp":
            found.setdefault((one["kind"], one["name"]), []).append((one["fromDay"], one["toDay"], one["people"]))
    return found


async def test_people_are_counted_once_by_role_and_system(
    gateway: Gateway, http: httpx2.AsyncClient, connection: Connection, as_person: AsCaller
) -> None:
    await count(gateway, connection, FIRST)
    lead = await as_person("primary")
    day = FIRST.isoformat()
    school = await read(lead, PARK, FIRST, FIRST)
    assert school["role", "test-administrator"] == [(day, day, 4)]
    assert school["role", "site-coordinator"] == [(day, day, 1)]
    assert school["system", "toms"] == [(day, day, 5)]
    lea = await read(lead, LEA, FIRST, FIRST)
    assert lea["role", "test-administrator"] == [(day, day, 4)]
    assert lea["role", "lea-coordinator"] == [(day, day, 2)]


async def test_days_with_the_same_number_are_one_row(
    gateway: Gateway, http: httpx2.AsyncClient, connection: Connection, as_person: AsCaller
) -> None:
    for days in range(3):
        await count(gateway, connection, FIRST + timedelta(days=days))
    rows = await connection.fetchval("select count(*) from daily_counts")
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    await count(gateway, connection, FIRST + timedelta(days=3))
    await count(gateway, connection, FIRST + timedelta(days=3))
    assert await connection.fetchval("select count(*) from daily_counts where from_day = $1", FIRST) == rows
    found = (await read(await as_person("primary"), PARK, FIRST, FIRST + timedelta(days=9)))[
        "role", "test-administrator"
    ]
    assert found == [("2026-11-22", "2026-11-24", 4), ("2026-11-25", "2026-12-01", 3)]


async def test_a_day_is_counted_in_parts(
    gateway: Gateway, http: httpx2.AsyncClient, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LEAS_AT_ONCE", 1)
    leas = await connection.fetchval("select count(*) from organizations where level = 'lea'")
    assert await count(gateway, connection, FIRST) == leas + 1
    whole = await connection.fetchval(
        "select count(distinct user_id) from role_assignments where program = 'elpac' and role = 'test-examiner'"
    )
    state = await connection.fetchval(
        "select people from daily_counts join organizations o on o.id = organization_id "
        "where o.level = 'state' and program = 'elpac' and kind = 'role' and daily_counts.name = 'test-examiner'"
    )
    assert state == whole


async def test_nobody_is_told_of_another_program(gateway: Gateway, connection: Connection, as_person: AsCaller) -> None:
    await count(gateway, connection, FIRST)
    asked = {"organization": {"id": str(LEA)}, "since": FIRST.isoformat(), "until": FIRST.isoformat()}
    for name, program in (("primary", "caaspp"), ("elpac-lead", "elpac")):
        found = (await (await as_person(name)).data(COUNTS, **asked))["dailyCounts"]
        assert {one["program"] for one in found} == {program}


@pytest.mark.checklist("54 audit")
async def test_out_of_reach_is_not_found(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    asked = {"organization": {"id": str(BEACH)}, "since": "2026-01-01", "until": "2026-12-31"}
    assert codes(await lead.ask(COUNTS, **asked)) == [("NOT_FOUND", ["dailyCounts"])]
    asked["since"] = "2027-01-01"
    assert codes(await lead.ask(COUNTS, **asked)) == [("BAD_USER_INPUT", ["dailyCounts"])]
