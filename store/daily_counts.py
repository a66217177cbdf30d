"""Daily counts of people by role, organization and system, kept as runs of days with the same number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, System
from store.composed import Parameters, fill
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class RoleOpens:
    """A role of a program and year gives something in the system."""

    program: ProgramCode
    school_year: SchoolYear
    role: RoleSlug
    system: System


@dataclass(frozen=True, slots=True)
class CountRecord:
    """From the one day to the other, both included, so many people. `kind`: `role` or `system`; `name`: which."""

    kind: str
    program: ProgramCode
    school_year: SchoolYear
    name: str
    from_day: date
    to_day: date
    people: int


async def next_leas(connection: Connection, after: UUID | None, most: int) -> list[OrganizationId]:
    return [row["id"] for row in await connection.fetch(fill("daily_counts", "leas"), after, most)]


async def count_leas(
    connection: Connection, day: date, leas: Sequence[OrganizationId], opens: Collection[RoleOpens]
) -> None:
    """Count the LEAs and their schools as of now, for this day; once more for the same day replaces it."""
    await _undo(connection, day, leas)
    parameters = Parameters()
    given = parameters.add(list(leas), "uuid[]")
    organizations = fill("daily_counts", "of_leas", leas=given)
    placed = fill("daily_counts", "placed_in_leas", leas=given)
    await _count(connection, parameters, day, opens, organizations, placed)


async def count_state(connection: Connection, day: date, opens: Collection[RoleOpens]) -> None:
    """Count the state as a whole: each person once."""
    await _undo(connection, day, None)
    organizations = fill("daily_counts", "of_state")
    await _count(connection, Parameters(), day, opens, organizations, fill("daily_counts", "placed_in_state"))


async def counts_between(
    connection: Connection, organization: OrganizationId, since: date, until: date, most: int
) -> list[CountRecord]:
    """The runs of days that touch the period, cut to it; both days are part of it."""
    rows = await connection.fetch(fill("daily_counts", "between"), organization, since, until, most)
    return [
        CountRecord(
            row["kind"], row["program"], row["school_year"], row["name"], row["from_day"], row["to_day"], row["people"]
        )
        for row in rows
    ]  # fmt: skip


async def _undo(connection: Connection, day: date, leas: Sequence[OrganizationId] | None) -> None:
    for statement in ("undo_begun", "undo_ended"):
        parameters = Parameters()
        given = parameters.add(day, "date")
        if leas is None:
            organizations = fill("daily_counts", "of_state")
        else:
            organizations = fill("daily_counts", "of_leas", leas=parameters.add(list(leas), "uuid[]"))
        text = fill("daily_counts", statement, day=given, organizations=organizations)
        await connection.execute(text, *parameters.values)


async def _count(
    connection: Connection,
    parameters: Parameters,
    day: date,
    opens: Collection[RoleOpens],
    organizations: str,
    placed: str,
) -> None:
    gives = [
        {"program": one.program, "school_year": one.school_year, "role": one.role, "system": one.system}
        for one in opens
    ]
    text = fill(
        "daily_counts", "count", day=parameters.add(day, "date"), gives=parameters.add(gives, "jsonb"),
        organizations=organizations, placed=placed,
    )  # fmt: skip
    await connection.execute(text, *parameters.values)
