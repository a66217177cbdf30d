"""Organizations: read by id or (level, code), and in pages; the state's own node is made here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from policy.access import RowFilter
from policy.facts import Level
from policy.ids import OrganizationId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.keys_of import after_prefix, text_key
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_key_cursor, start_behind, write_cursor
from store.reach import ReachedRows, with_clause
from store.records import Count, OrganizationRecord, Page
from store.statements import statements

_KIND = "organizations"
LevelCode = tuple[Level, str]
"""How an organization is named from outside: a direct-funded charter's LEA and school share one code."""


@dataclass(frozen=True, slots=True)
class OrganizationFilter:
    """What a list of organizations is narrowed to; all that is given must hold. `name_prefix` without accents, case."""

    level: Level | None = None
    parent: OrganizationId | None = None
    code: str | None = None
    name_prefix: str | None = None
    active: bool | None = None


EVERY_ORGANIZATION = OrganizationFilter()


async def organizations_by_ids(
    connection: Connection, ids: Collection[OrganizationId], own: OwnSystems | None = None
) -> dict[OrganizationId, OrganizationRecord]:
    """Those that exist, in one statement."""
    parameters = Parameters()
    reached = ReachedRows(parameters, None, own)
    columns, wanted = _columns(reached), parameters.add(list(ids), "uuid[]")
    text = fill("organizations", "by_ids", **{"with": with_clause(*reached.ctes())}, columns=columns, ids=wanted)
    return {row["id"]: organization_record(row) for row in await connection.fetch(text, *parameters.values)}


async def organization_by_id(
    connection: Connection, organization: OrganizationId, own: OwnSystems | None = None
) -> OrganizationRecord | None:
    return (await organizations_by_ids(connection, (organization,), own)).get(organization)


async def organizations_by_codes(
    connection: Connection, wanted: Collection[LevelCode], own: OwnSystems | None = None
) -> dict[LevelCode, OrganizationRecord]:
    """Those that have these codes now, in one statement."""
    parameters = Parameters()
    reached = ReachedRows(parameters, None, own)
    columns = _columns(reached)
    levels = parameters.add([level.value for level, _ in wanted], "text[]")
    codes = parameters.add([code for _, code in wanted], "text[]")
    text = fill(
        "organizations", "by_codes", **{"with": with_clause(*reached.ctes())},
        columns=columns, levels=levels, codes=codes,
    )  # fmt: skip
    records = [organization_record(row) for row in await connection.fetch(text, *parameters.values)]
    return {(one.level, one.code): one for one in records}


async def organization_by_code(
    connection: Connection, level: Level, code: str, own: OwnSystems | None = None
) -> OrganizationRecord | None:
    return (await organizations_by_codes(connection, ((level, code),), own)).get((level, code))


async def organization_on_day(connection: Connection, level: Level, code: str, day: date) -> OrganizationId | None:
    """Which organization had the code on that day."""
    return await connection.fetchval(statements("organizations")["by_dated_code"], level.value, code, day)


async def organizations_page(
    connection: Connection,
    request: PageRequest,
    rows: RowFilter,
    wanted: OrganizationFilter = EVERY_ORGANIZATION,
    own: OwnSystems | None = None,
) -> Page[OrganizationRecord]:
    """A page of the organizations that the caller may see, by name. One statement. Raises PageRefusedError."""
    after_key, after_id = start_behind(read_key_cursor(_KIND, request.after), wanted.name_prefix)
    if not rows.visible.ranges:
        return Page((), (), has_next=False, has_previous=request.after is not None)
    parameters = Parameters()
    reached = ReachedRows(parameters, rows, own)
    columns = _columns(reached)
    parts = {
        "after_key": parameters.add(after_key, "text"),
        "after_id": parameters.add(after_id, "uuid"),
        "limit": parameters.add(request.first + 1, "int"),
        "filters": organization_filters(parameters, wanted),
        "columns": columns,
    }
    if _statewide(rows):
        shape, condition = "page_of_all", reached.organization("o")
    else:
        shape, condition = "page_of_reach", reached.organization_in_own_systems("o") if reached.cut else "true"
        reached.use_ranges()
    parts["filters"] += f" and {condition}"
    text = fill("organizations", shape, **{"with": with_clause(*reached.ctes())}, **parts)
    found = await connection.fetch(text, *parameters.values)
    return page_of(
        found, request, organization_record, lambda row: write_cursor(_KIND, row["name_key"], str(row["id"]))
    )


async def count_organizations(
    connection: Connection,
    rows: RowFilter,
    wanted: OrganizationFilter = EVERY_ORGANIZATION,
    own: OwnSystems | None = None,
) -> Count:
    """How many organizations the page's list holds in all. One statement."""
    parameters = Parameters()
    reached = ReachedRows(parameters, rows, own)
    condition = reached.organization("o")
    filters = organization_filters(parameters, wanted)
    limit = parameters.add(COUNTED_EXACTLY + 1, "int")
    text = fill(
        "organizations", "count", **{"with": with_clause(*reached.ctes())},
        reached=condition, filters=filters, limit=limit,
    )  # fmt: skip
    return count_of(await connection.fetchval(text, *parameters.values))


async def create_state(connection: Connection, organization: OrganizationId, code: str, name: str, today: date) -> None:
    """Make the root of the tree; there is one (asyncpg.UniqueViolationError else)."""
    await connection.execute(statements("organizations")["create_state"], organization, code, name, text_key(name))
    await connection.execute(statements("organizations")["create_state_code"], organization, code, today)


def organization_record(row: Row) -> OrganizationRecord:
    return OrganizationRecord(
        id=row["id"],
        level=Level(row["level"]),
        code=row["code"],
        name=row["name"],
        parent_id=row["parent_id"],
        lea_id=row["lea_id"],
        lea_code=row["lea_code"],
        funding=row["funding"],
        active=row["active"],
        version=row["version"],
        in_own_systems=row["in_own_systems"],
    )


def _columns(reached: ReachedRows) -> str:
    return fill("organizations", "columns", in_own_systems=reached.organization_in_own_systems("o"))


def _statewide(rows: RowFilter) -> bool:
    """Whether the rows are found by walking all of them: organizations belong to no program."""
    return any(one.lea is None and one.organization is None for one in rows.visible.ranges)


def organization_filters(parameters: Parameters, wanted: OrganizationFilter) -> str:
    """Conditions on an organizations row `o`, each with ` and ` before it."""
    conditions: list[str] = []
    for column, value, kind in (
        ("level", None if wanted.level is None else wanted.level.value, "text"),
        ("parent_id", wanted.parent, "uuid"),
        ("code", wanted.code, "text"),
        ("active", wanted.active, "boolean"),
    ):
        if value is not None:
            conditions.append(f"o.{column} = {parameters.add(value, kind)}")
    if wanted.name_prefix is not None:
        key = text_key(wanted.name_prefix)
        conditions.append(f"o.name_key >= {parameters.add(key, 'text')}")
        conditions.append(f"o.name_key < {parameters.add(after_prefix(key), 'text')}")
    return "".join(f" and {one}" for one in conditions)
