"""Pages of users cost the same at any size: one statement, and the first rows come from an index in its order."""

import json
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from policy.access import RowFilter
from policy.facts import Years
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, System, UserId
from policy.packs import Packs
from policy.reach import EVERYTHING, Range, Visible
from store.assignments import assignments_of_users
from store.connection import Connection
from store.database import OWNER_ROLE, open_connection
from store.organizations import organizations_by_ids, organizations_page
from store.own_systems import own_systems
from store.pages import PageRequest
from store.user_search import UserFilter
from store.users_page import count_users, users_page
from tests.databases import Databases, run
from tests.policy import worlds
from tests.store import large
from tests.store.counting import counting

RED, NOW = ProgramCode("red"), SchoolYear("2026-27")
SYSTEMS = frozenset({System("hallpass")})
OWN = own_systems(SYSTEMS, Packs(worlds.VOCABULARY, (worlds.pack(RED),)), Years({RED: NOW}), worlds.TODAY)


def of_lea(number: int, **more: Any) -> Range:
    return Range(RED, NOW, lea=OrganizationId(large.lea(number)), **more)


SHAPES = {
    "one LEA": RowFilter(Visible((of_lea(3),))),
    "one LEA's schools, one role": RowFilter(
        Visible((of_lea(3, schools_only=True, roles=frozenset({RoleSlug("site")})),))
    ),
    "one school": RowFilter(Visible((Range(RED, NOW, organization=OrganizationId(large.school(2, 3))),))),
    "forty schools": RowFilter(
        Visible(tuple(Range(RED, NOW, organization=OrganizationId(large.school(1, n))) for n in range(1, 41)))
    ),
    "a program's whole state": RowFilter(Visible((Range(RED, NOW),))),
    "everything": RowFilter(EVERYTHING),
    "oneself and an LEA": RowFilter(Visible((of_lea(4),)), own=UserId(large.lea(1))),
    "a system": RowFilter(EVERYTHING, own_systems=SYSTEMS),
    "a token": RowFilter(Visible((of_lea(3),)), own_systems=SYSTEMS),
}
FILTERS = {
    "all": UserFilter(),
    "name": UserFilter(name_prefix="ab"),
    "organization": UserFilter(organization=OrganizationId(large.school(2, 3))),
    "role": UserFilter(program=RED, role=RoleSlug("site")),
}


async def _grown(server: Databases, name: str, leas: int) -> None:
    owner = await open_connection(server.owner_url(name), OWNER_ROLE)
    try:
        await large.grow(owner, leas)
    finally:
        await owner.close()


@pytest.fixture(scope="module")
def small_and_large(server: Databases) -> dict[int, str]:
    """Databases with 600 and 16,000 people (900 and 24,000 assignments)."""
    found: dict[int, str] = {}
    for leas in (4, 80):
        name = server.migrated()
        run(_grown(server, name, leas))
        found[leas] = server.url(name)
    return found


@pytest.fixture
async def big(small_and_large: dict[int, str]) -> AsyncIterator[Connection]:
    connection = await open_connection(small_and_large[80])
    yield connection
    await connection.close()


class Explaining:
    """Explains what is fetched, with the plan that is used once a statement is used often, and fetches nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.plans: list[dict[str, Any]] = []

    async def fetch(self, query: str, *values: object) -> list[object]:
        async with self.connection.transaction():
            await self.connection.execute("set local plan_cache_mode = force_generic_plan")
            plan = await self.connection.fetchval(f"explain (analyze, format json) {query}", *values)
        self.plans.append(json.loads(plan)[0]["Plan"])
        return []


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(one for child in plan.get("Plans", []) for one in nodes(child))]


@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_page_reads_neither_whole_table(big: Connection, shape: str, wanted: str) -> None:
    explaining = Explaining(big)
    connection = cast(Connection, explaining)
    rows = SHAPES[shape]
    own = OWN if rows.own_systems else None
    await users_page(connection, PageRequest(50), rows, FILTERS[wanted], own)
    (plan,) = explaining.plans
    scans = [
        node for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in {"users", "role_assignments"}
    ]  # fmt: skip
    assert scans == []
    read = max(node["Actual Rows"] * node["Actual Loops"] for node in nodes(plan))
    assert read < 5_500, f"{read} rows were read for a page of 50"


@pytest.mark.parametrize("shape", SHAPES)
async def test_statements_do_not_grow_with_the_state(small_and_large: dict[int, str], shape: str) -> None:
    rows = SHAPES[shape]
    own = OWN if rows.own_systems else None
    sent: dict[int, int] = {}
    for leas, url in small_and_large.items():
        opened = await open_connection(url)
        connection, counter = counting(opened)
        page = await users_page(connection, PageRequest(50), rows, own=own)
        await count_users(connection, rows, own=own)
        users = [one.id for one in page.rows]
        found = await assignments_of_users(connection, users, PageRequest(50), RowFilter(EVERYTHING))
        await organizations_by_ids(connection, {one.organization_id for mine in found.values() for one in mine.rows})
        await organizations_page(connection, PageRequest(50), RowFilter(rows.visible))
        sent[leas] = counter.sent
        assert page.rows
        await opened.close()
    assert sent == dict.fromkeys(small_and_large, 5)
