"""Every shape of a compiled read finds its rows by index, as many at any size: plans as the gateway runs them."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from store.compile import Page, compose
from store.connection import Connection
from store.database import OWNER_ROLE, open_connection
from store.marks import AnybodyMark, Mark
from tests.databases import Databases, run
from tests.store import large
from tests.store.compiled_shapes import CALLERS, Shape, shapes
from tests.store.explaining import Explained, explained

_GROWING = {"users", "role_assignments", "organizations", "student_groups", "sessions", "signed_forms", "credentials"}
_MORE = """
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
select md5('lea' || n)::uuid, 'lea', '{state}', md5('lea' || n)::uuid, 'm' || n, 'More ' || n, 'more ' || n
from generate_series(1, 450) n;
insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
select gen_random_uuid(), 'school', md5('lea' || n)::uuid, md5('lea' || n)::uuid, 'm' || n || '-' || s, 'Small', 'small'
from generate_series(1, 450) n, generate_series(1, 20) s;
insert into student_groups (id, organization_id, lea_id, school_year, name, name_key)
select gen_random_uuid(), o.id, o.lea_id, '2026-27', 'Group ' || n, 'group ' || n
from organizations o, generate_series(1, 5) n where o.level = 'school'
"""
_FIRST = 50
_COUNTED = 60_000
"""Rows that are read where up to 10,000 are counted, each in up to a few indexes."""


async def _grown(server: Databases, name: str, leas: int) -> None:
    owner = await open_connection(server.owner_url(name), OWNER_ROLE)
    try:
        await large.grow(owner, leas)
        await owner.execute(_MORE.format(state=large.STATE))
        await owner.execute("analyze")
    finally:
        await owner.close()


@pytest.fixture(scope="module")
def sizes(server: Databases) -> dict[int, str]:
    """Databases with 2,000 and 16,000 people."""
    found: dict[int, str] = {}
    for leas in (10, 80):
        name = server.migrated()
        run(_grown(server, name, leas))
        found[leas] = server.url(name)
    return found


@pytest.fixture
async def small(sizes: dict[int, str]) -> AsyncIterator[Connection]:
    connection = await open_connection(sizes[10])
    yield connection
    await connection.close()


@pytest.fixture
async def big(sizes: dict[int, str]) -> AsyncIterator[Connection]:
    connection = await open_connection(sizes[80])
    yield connection
    await connection.close()


async def run_of(connection: Connection, shape: Shape) -> Explained:
    wanted = shape.read()
    composed = compose(wanted, shape.asked, Mark(AnybodyMark(), "", ("", ())))
    values = composed.page(_FIRST, ("", UUID(int=0))) if isinstance(wanted, Page) else composed.one(wanted.by)
    return await explained(connection, composed.text, values)


@pytest.mark.parametrize("who", CALLERS)
async def test_compiled_reads_read_no_table_from_end_to_end(big: Connection, small: Connection, who: str) -> None:
    wrong: list[str] = []
    for shape in shapes(CALLERS[who]):
        at_80, at_10 = await run_of(big, shape), await run_of(small, shape)
        if shape.is_counted:
            bound, whole = _COUNTED, set[str]()
        else:
            bound, whole = at_10.read * 1.5 + 500, at_80.whole_tables() & _GROWING
        if at_80.read > bound or whole:
            wrong.append(f"{shape.name}: {at_10.read} rows, then {at_80.read}, all of {whole}")
    assert not wrong
