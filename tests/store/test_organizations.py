"""Organizations: found by id, code and day; pages by name with each filter."""

from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from policy.access import AccessRule, AccessTarget
from policy.facts import Level
from policy.ids import OrganizationId
from store.compile import Sought
from store.connection import Connection
from store.mapped_rows import Kind, MappedRow, page_of_rows
from store.organization_search import OrganizationFilter
from store.organizations import (
    create_state,
    organization_by_code,
    organization_on_day,
    organizations_by_codes,
    organizations_by_ids,
)
from store.pages import PageRefusedError, PageRequest
from store.records import Page
from store.tables import ORGANIZATIONS
from tests.policy import worlds
from tests.store.populated import populate
from tests.store.seeing import seeing_everything

RULE = (AccessRule(worlds.VIEW, AccessTarget.THIS),)


async def listed(connection: Connection, wanted: OrganizationFilter, request: PageRequest) -> Page[MappedRow]:
    asked, kind = seeing_everything(worlds.VIEW), Kind(ORGANIZATIONS, ("code",))
    return await page_of_rows(connection, asked, kind, RULE, Sought(wanted), request)


async def names(connection: Connection, wanted: OrganizationFilter) -> list[str]:
    return [one["code"] for one in (await listed(connection, wanted, PageRequest(100))).rows]


async def test_an_organization_is_found_by_id_and_by_level_and_code(connection: Connection) -> None:
    await populate(connection, ())
    school = worlds.SCHOOLS[0]
    found = (await organizations_by_ids(connection, (school.id,)))[school.id]
    assert (found.level, found.code, found.parent_id, found.lea_code) == (Level.SCHOOL, "school00", school.lea, "lea0")
    assert await organization_by_code(connection, Level.SCHOOL, "school00") == found
    assert await organization_by_code(connection, Level.LEA, "school00") is None
    asked = [(Level.SCHOOL, "school00"), (Level.STATE, "state"), (Level.LEA, "nowhere")]
    assert set(await organizations_by_codes(connection, asked)) == set(asked[:2])


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (OrganizationFilter(level=Level.LEA), ["lea0", "lea1", "lea2"]),
        (OrganizationFilter(parent=worlds.LEAS[1].id), ["school10", "school11"]),
        (OrganizationFilter(parent=worlds.STATE.id, name_prefix="LÉA1 "), ["lea1"]),
        (OrganizationFilter(code="school21"), ["school21"]),
        (OrganizationFilter(active=False), []),
    ],
)
@pytest.mark.rule("S0-28")
async def test_a_list_is_narrowed_by_each_filter(
    connection: Connection, wanted: OrganizationFilter, codes: list[str]
) -> None:
    await populate(connection, ())
    assert await names(connection, wanted) == codes


async def test_pages_follow_each_other_without_gap_or_repeat(connection: Connection) -> None:
    await populate(connection, ())
    found: list[str] = []
    request = PageRequest(3)
    while True:
        page = await listed(connection, OrganizationFilter(), request)
        found += [one["code"] for one in page.rows]
        if not page.has_next:
            break
        request = PageRequest(3, page.cursors[-1])
    assert found == await names(connection, OrganizationFilter())
    with pytest.raises(PageRefusedError):
        await listed(connection, OrganizationFilter(), PageRequest(3, "garbage"))


async def test_there_is_one_state_and_its_code_has_a_day(connection: Connection) -> None:
    state = OrganizationId(uuid4())
    await create_state(connection, state, "CA", "California", date(2026, 7, 1))
    assert await organization_on_day(connection, Level.STATE, "CA", date(2026, 7, 1)) == state
    assert await organization_on_day(connection, Level.STATE, "CA", date(2026, 6, 30)) is None
    with pytest.raises(asyncpg.UniqueViolationError):
        await create_state(connection, OrganizationId(uuid4()), "NV", "Nevada", date(2026, 7, 1))
