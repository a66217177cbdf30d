"""Organizations as facts, by id or (level, code); the state's own node is made here."""

from collections.abc import Collection
from datetime import date

from policy.facts import Level
from policy.ids import OrganizationId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.keys_of import text_key
from store.own_systems import OwnSystems
from store.reach import ReachedRows
from store.records import OrganizationRecord
from store.statements import statements

LevelCode = tuple[Level, str]
"""How an organization is named from outside: a direct-funded charter's LEA and school share one code."""


async def organizations_by_ids(
    connection: Connection, ids: Collection[OrganizationId], own: OwnSystems | None = None
) -> dict[OrganizationId, OrganizationRecord]:
    """Those that exist, in one statement."""
    parameters = Parameters()
    reached = ReachedRows(parameters, None, own)
    columns, wanted = _columns(reached), parameters.add(list(ids), "uuid[]")
    text = fill("organizations", "by_ids", columns=columns, ids=wanted)
    return {row["id"]: organization_record(row) for row in await connection.fetch(text, *parameters.values)}


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
        "organizations", "by_codes", columns=columns, levels=levels, codes=codes,
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
