"""The daily job that counts people by role, school and system, a few hundred LEAs at a time."""

from typing import Final
from uuid import UUID

from gateway.outbox.daily import Day
from policy.facts import Years
from policy.ids import SchoolYear, system_of
from policy.packs import Packs
from store.connection import Connection
from store.daily_counts import RoleOpens, count_leas, count_state, next_leas
from store.people import load_years

LEAS_AT_ONCE: Final = 200


async def count_people(day: Day, connection: Connection) -> str | None:
    """One part: the next LEAs with their schools; when there are none left, the state as a whole."""
    opens = roles_that_open(day.gateway.packs.current, await load_years(connection))
    leas = await next_leas(connection, UUID(day.position) if day.position else None, LEAS_AT_ONCE)
    if leas:
        await count_leas(connection, day.date, leas, opens)
        return str(leas[-1])
    await count_state(connection, day.date, opens)
    return None


def roles_that_open(packs: Packs, years: Years) -> list[RoleOpens]:
    """Which role of the years that count gives anything in which system."""
    found: set[RoleOpens] = set()
    for program in packs.programs():
        year = years.current.get(program)
        pack = packs.at(program, year)
        if pack is None:
            continue
        named = SchoolYear("") if pack.from_year is None else year or SchoolYear("")
        for role in pack.roles:
            systems = {system_of(spec.permission) for _, spec in packs.specs(pack, role)}
            found.update(RoleOpens(program, named, role, system) for system in systems)
    return sorted(found, key=lambda one: (one.program, one.role, one.system))
