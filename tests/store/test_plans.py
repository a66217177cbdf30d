"""Pages of users cost the same at any size: one statement, and the first rows come from an index in its order."""

import json
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from policy.access import AccessRule, AccessTarget, row_filter
from policy.caller import SystemCaller
from policy.facts import Level, Organization, Years
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, System, UserId
from policy.pack import Reach
from policy.packs import Packs
from store.compile import Sought
from store.compile_rows import Asked
from store.connection import Connection
from store.database import OWNER_ROLE, open_connection
from store.mapped_rows import Kind, Listed, count_rows, page_of_rows, rows_by_ids, rows_within
from store.organization_search import OrganizationFilter
from store.own_systems import own_systems
from store.pages import PageRequest
from store.reached_ids import users_reached
from store.tables import ASSIGNMENTS, ORGANIZATIONS, USERS, Found
from store.user_search import UserFilter
from tests.databases import Databases, run
from tests.policy import worlds
from tests.policy.worlds import VIEW
from tests.store import large
from tests.store.counting import counting
from tests.store.seeing import asking, grant, place, seeing_everything

RED, NOW = ProgramCode("red"), SchoolYear("2026-27")
SYSTEMS = frozenset({System("hallpass")})
OWN = own_systems(SYSTEMS, Packs(worlds.VOCABULARY, (worlds.pack(RED),)), Years({RED: NOW}), worlds.TODAY)


RULE = (
    AccessRule(None, AccessTarget.SELF),
    AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS),
    AccessRule(VIEW, AccessTarget.OWN_SYSTEM),
)
LISTED = AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS), AccessRule(VIEW, AccessTarget.OWN_SYSTEM)
"""Without oneself."""
USER = Kind(USERS, ("first_name", "last_name", "email"))


def lea(number: int) -> Organization:
    return place(Level.LEA, OrganizationId(large.lea(number)), OrganizationId(large.lea(number)))


def school(number: int, of_lea: int) -> Organization:
    return place(Level.SCHOOL, OrganizationId(large.school(number, of_lea)), OrganizationId(large.lea(of_lea)))


SITES = frozenset({RoleSlug("site")})
SHAPES = {
    "one LEA": (asking(grant(VIEW, Reach.LEA, lea(3))), LISTED),
    "one LEA's schools, one role": (asking(grant(VIEW, Reach.SCHOOLS, lea(3), about_roles=SITES)), LISTED),
    "one school": (asking(grant(VIEW, Reach.SITE, school(2, 3))), LISTED),
    "forty schools": (asking(*(grant(VIEW, Reach.SITE, school(1, n)) for n in range(1, 41))), LISTED),
    "a program's whole state": (asking(grant(VIEW, Reach.STATE, worlds.STATE)), LISTED),
    "everything": (seeing_everything(VIEW), LISTED),
    "oneself and an LEA": (asking(grant(VIEW, Reach.LEA, lea(4)), user=UserId(large.lea(1))), RULE),
    "a system": (Asked(SystemCaller("system", SYSTEMS), OWN), RULE),
    "a token": (asking(grant(VIEW, Reach.LEA, lea(3)), systems=SYSTEMS, own=OWN), LISTED),
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
    asked, rule = SHAPES[shape]
    await page_of_rows(connection, asked, USER, rule, Sought(FILTERS[wanted]), PageRequest(50))
    if wanted == "all":
        await users_reached(connection, PageRequest(50), row_filter(asked.caller, rule), asked.own)
    for plan in explaining.plans:
        scans = [
            node for node in nodes(plan)
            if node["Node Type"] == "Seq Scan" and node["Actual Loops"]
            and node["Relation Name"] in {"users", "role_assignments"}
        ]  # fmt: skip
        assert scans == []
        read = max(node["Actual Rows"] * node["Actual Loops"] for node in nodes(plan))
        assert read < 5_500, f"{read} rows were read for a page of 50"


@pytest.mark.parametrize("shape", SHAPES)
async def test_statements_do_not_grow_with_the_state(small_and_large: dict[int, str], shape: str) -> None:
    asked, rule = SHAPES[shape]
    everybody, request = Sought(UserFilter()), PageRequest(50)
    held = Listed(Found.BY_KEY, "user_id", (AccessRule(VIEW, AccessTarget.ASSIGNMENT_ORGANIZATION), *rule))
    sent: dict[int, int] = {}
    for leas, url in small_and_large.items():
        opened = await open_connection(url)
        connection, counter = counting(opened)
        page = await page_of_rows(connection, asked, USER, rule, everybody, request)
        await count_rows(connection, asked, rule, everybody)
        users = [one.id for one in page.rows]
        found = await rows_within(connection, asked, Kind(ASSIGNMENTS, ("organization_id",)), held, users, request)
        places = {one["organization_id"] for mine in found.values() for one in mine.rows}
        tree = Kind(ORGANIZATIONS, ("name",))
        await rows_by_ids(connection, asked, tree, places)
        here = (AccessRule(VIEW, AccessTarget.THIS), AccessRule(VIEW, AccessTarget.OWN_SYSTEM))
        await page_of_rows(connection, asked, tree, here, Sought(OrganizationFilter()), request)
        sent[leas] = counter.sent
        assert page.rows
        await opened.close()
    assert sent == dict.fromkeys(small_and_large, 5)
