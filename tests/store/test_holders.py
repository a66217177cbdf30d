"""Holders of roles: only who counts and is seen, the primary one first, from an index at any size."""

from collections.abc import Iterator
from datetime import date
from typing import cast
from uuid import uuid4

import pytest

from policy.access import RowFilter
from policy.facts import UserStatus
from policy.ids import AssignmentId, OrganizationId, RoleSlug, SchoolYear, UserId
from policy.reach import EVERYTHING, Range, Visible
from store.assignments import NewAssignment, insert_assignment
from store.connection import Connection
from store.database import OWNER_ROLE, open_connection
from store.holders import RoleSought, holders_of_roles
from store.users import NewUser, create_user
from tests.databases import Databases, run
from tests.policy import worlds
from tests.policy.worlds import BOSS, NOW, RED, SITE, TODAY
from tests.store import large
from tests.store.counting import counting
from tests.store.populated import AT, populate
from tests.store.test_plans import Explaining, nodes

ALL = RowFilter(EVERYTHING)
LEA, SCHOOL = worlds.LEAS[0], worlds.SCHOOLS[0]
BOSSES = RoleSought(RED, NOW, BOSS, LEA.id)
SITES = RoleSought(RED, NOW, SITE, SCHOOL.id)


async def give(connection: Connection, name: str, role: RoleSlug, where: OrganizationId, **more: object) -> UserId:
    user = UserId(worlds.ident(name))
    status = more.pop("status", UserStatus.ACTIVE)
    await create_user(connection, NewUser(user, f"{name}@x.org", name, "Bell", status=cast(UserStatus, status)))
    await insert_assignment(
        connection,
        NewAssignment(AssignmentId(uuid4()), user, RED, role, NOW, where, AT, origin="operator", **more),  # type: ignore[arg-type]
    )
    return user


@pytest.fixture(autouse=True)
async def _state(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    await populate(connection, ())


async def test_the_primary_first_then_by_name_and_only_who_counts_today(connection: Connection) -> None:
    zoe = await give(connection, "zoe", BOSS, LEA.id, primary=True)
    ann = await give(connection, "ann", BOSS, LEA.id, last_day=TODAY)
    site = await give(connection, "site", SITE, SCHOOL.id)
    await give(connection, "over", BOSS, LEA.id, last_day=date(2026, 11, 1))
    await give(connection, "invited", BOSS, LEA.id, status=UserStatus.INVITED)
    await give(connection, "elsewhere", BOSS, worlds.LEAS[1].id)
    held = await give(connection, "held", BOSS, LEA.id)
    await connection.execute("update role_assignments set status = 'suspended' where user_id = $1", held)
    primary = RoleSought(RED, NOW, BOSS, LEA.id, primary=True)
    last_year = RoleSought(RED, SchoolYear("2025-26"), BOSS, LEA.id)
    counted, counter = counting(connection)
    found = await holders_of_roles(counted, [BOSSES, SITES, primary, last_year], ALL, TODAY, 5)
    assert found == {BOSSES: (zoe, ann), SITES: (site,), primary: (zoe,), last_year: ()}
    assert counter.sent == 1
    assert (await holders_of_roles(connection, [BOSSES], ALL, TODAY, 1))[BOSSES] == (zoe,)


async def test_only_who_is_within_reach(connection: Connection) -> None:
    ann = await give(connection, "ann", BOSS, LEA.id)
    await give(connection, "site", SITE, SCHOOL.id)
    at_lea = RowFilter(Visible((Range(RED, NOW, organization=LEA.id),)))
    assert await holders_of_roles(connection, [BOSSES, SITES], at_lea, TODAY, 5) == {BOSSES: (ann,), SITES: ()}
    nobody = RowFilter(own=UserId(worlds.ident("somebody")))
    assert await holders_of_roles(connection, [BOSSES], nobody, TODAY, 5) == {BOSSES: ()}


@pytest.fixture(scope="module")
def grown(server: Databases) -> Iterator[str]:
    """A database with 4,000 people."""
    name = server.migrated()

    async def grow() -> None:
        owner = await open_connection(server.owner_url(name), OWNER_ROLE)
        try:
            await large.grow(owner, 20)
        finally:
            await owner.close()

    run(grow())
    yield server.url(name)
    server.drop(name)


async def test_the_plan_reads_no_whole_table(grown: str) -> None:
    opened = await open_connection(grown)
    explaining = Explaining(opened)
    sought = [RoleSought(RED, NOW, RoleSlug("site"), OrganizationId(large.school(n, 3))) for n in range(1, 11)]
    rows = RowFilter(Visible((Range(RED, NOW, lea=OrganizationId(large.lea(3))),)))
    await holders_of_roles(cast(Connection, explaining), sought, rows, TODAY, 5)
    await opened.close()
    (plan,) = explaining.plans
    scanned = {node.get("Relation Name") for node in nodes(plan) if node["Node Type"] == "Seq Scan"}
    assert not scanned & {"users", "role_assignments"}
