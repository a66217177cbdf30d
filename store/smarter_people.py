"""Who works where in a system, and which places lie in which: as Smarter Balanced components ask, a statement each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from policy.access import RowFilter
from policy.facts import Level
from policy.ids import OrganizationId, ProgramCode, RoleSlug, UserId
from policy.reach import EVERYTHING
from store.composed import Parameters, fill
from store.connection import Connection
from store.own_systems import OwnSystems
from store.reach import ReachedRows, with_clause
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Names:
    """The state, and the LEAs' names."""

    state_code: str = ""
    state_name: str = ""
    leas: Mapping[OrganizationId, str] = field(default_factory=dict[OrganizationId, str])


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role of a program held at organizations of a level."""

    program: ProgramCode
    role: RoleSlug
    level: Level


@dataclass(frozen=True, slots=True)
class Colleague:
    user: UserId
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class PlaceBelow:
    id: OrganizationId
    code: str
    name: str


async def load_names(connection: Connection) -> Names:
    """As they are now; a changed one raises the epoch."""
    rows = await connection.fetch(statements("smarter")["names"])
    state = next((row for row in rows if row["level"] == Level.STATE), None)
    leas = {OrganizationId(row["id"]): str(row["name"]) for row in rows if row["level"] == Level.LEA}
    return Names("", "", leas) if state is None else Names(state["code"], state["name"], leas)


async def people_at(
    connection: Connection, roles: Collection[RoleAt], code: str, own: OwnSystems, offset: int, limit: int
) -> tuple[tuple[Colleague, ...], int]:
    """Who holds one of the roles at the organizations of a code and has something in the systems; and how many do.

    Whether the role gives what a component's role needs is the core's to say. Behind the last page the number is 0.
    """
    parameters = Parameters()
    reached = ReachedRows(parameters, _in(own), own)
    parts = {
        "reached": reached.assignment("a"),
        "roles": parameters.add([_row(one) for one in roles], "jsonb"),
        "code": parameters.add(code, "text"),
        "offset": parameters.add(offset, "int"),
        "limit": parameters.add(limit, "int"),
    }
    text = fill("smarter", "people", **{"with": with_clause(*reached.ctes())}, **parts)
    rows = await connection.fetch(text, *parameters.values)
    people = tuple(Colleague(UserId(row["id"]), row["first_name"], row["last_name"]) for row in rows)
    return people, rows[0]["total"] if rows else 0


async def places_below(
    connection: Connection, level: Level, parent_code: str, own: OwnSystems
) -> tuple[PlaceBelow, ...]:
    """The organizations of a level directly below one, where somebody has something in the systems, by name."""
    parameters = Parameters()
    reached = ReachedRows(parameters, _in(own), own)
    parts = {
        "reached": reached.organization("o"),
        "level": parameters.add(level.value, "text"),
        "parent": parameters.add(parent_code, "text"),
    }
    text = fill("smarter", "places", **{"with": with_clause(*reached.ctes())}, **parts)
    rows = await connection.fetch(text, *parameters.values)
    return tuple(PlaceBelow(OrganizationId(row["id"]), row["code"], row["name"]) for row in rows)


def _in(own: OwnSystems) -> RowFilter:
    return RowFilter(EVERYTHING, own_systems=own.systems)


def _row(one: RoleAt) -> dict[str, object]:
    return {"program": one.program, "role": one.role, "level": one.level.value}
