"""Overrides of cells as the state has set them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import CellOverride, GrantSpec, Reach
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class SetOverride:
    """An override with who set it; `confirmed_by`: the second person, where it gives more than the source."""

    override: CellOverride
    set_by: UserId
    set_at: datetime
    confirmed_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who holds the role now: how many, and up to ten of them."""

    people: int
    sample: tuple[UserId, ...]


async def load_overrides(connection: Connection) -> list[SetOverride]:
    """All that were ever in force or will be: questions about past days are answered with those of that day."""
    return [_set(row) for row in await connection.fetch(statements("overrides")["all"])]


async def insert_override(connection: Connection, one: SetOverride) -> None:
    """The caller raises the epoch afterwards."""
    override, given = one.override, one.override.given
    await connection.execute(
        statements("overrides")["set"], override.id, override.program, override.from_year, override.role,
        override.permission, given.reach.value if given else None, sorted(given.assessments) if given else [],
        sorted(given.reports) if given else [], override.first_day, override.last_day, override.basis, one.set_by,
        one.confirmed_by, one.set_at,
    )  # fmt: skip


async def is_overridden(connection: Connection, one: CellOverride) -> bool:
    """Whether another one has any of its days; from here on nobody else sets any until the transaction ends."""
    await connection.execute(statements("overrides")["hold_cells"])
    return await connection.fetchval(
        statements("overrides")["overlapping"], one.program, one.from_year, one.role, one.permission, one.first_day,
        one.last_day,
    )  # fmt: skip


async def end_override(connection: Connection, override: UUID, now: datetime, yesterday: date) -> bool:
    """Yesterday was its last day; one that began today or later is gone. False: it is over already."""
    found = await connection.fetchrow(statements("overrides")["lock"], override, yesterday)
    if found is None:
        return False
    await connection.execute(statements("overrides")["end"], override, now, yesterday)
    return True


async def days_change(connection: Connection, today: date, yesterday: date) -> bool:
    """Whether any begins today, or ended yesterday."""
    return await connection.fetchval(statements("overrides")["change_day"], today, yesterday)


async def concerned_by(
    connection: Connection, program: ProgramCode, role: RoleSlug, years: Collection[SchoolYear]
) -> Concerned:
    row = await connection.fetchrow(statements("overrides")["concerned"], program, role, list(years))
    if row is None:
        return Concerned(0, ())
    return Concerned(row["people"], tuple(row["sample"] or ()))


def _set(row: Row) -> SetOverride:
    permission = Permission(row["permission"])
    given = None
    if row["reach"] is not None:
        given = GrantSpec(permission, Reach(row["reach"]), frozenset(row["assessments"]), frozenset(row["reports"]))
    override = CellOverride(
        row["id"], ProgramCode(row["program"]), row["from_year"], RoleSlug(row["role"]), permission, given,
        row["first_day"], row["last_day"], row["basis"],
    )  # fmt: skip
    return SetOverride(override, row["set_by"], row["set_at"], row["confirmed_by"])
