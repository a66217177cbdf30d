"""Rows of reports, read by a cursor: a report of a whole state takes no more memory than one of a school."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from policy.access import RowFilter
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.own_systems import OwnSystems
from store.reach import ReachedRows, with_clause
from store.unsigned import AskedForm, asked_rows

_PREFETCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class ReportScope:
    """What a report is about: the rows that its reader sees, and what she narrowed it to.

    `organization`: it and, of an LEA, its schools. `school_year` None: current and upcoming years.
    """

    rows: RowFilter
    own: OwnSystems | None = None
    organization: OrganizationId | None = None
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None


@dataclass(frozen=True, slots=True)
class CoordinatorSought:
    """Roles of a program and year, one of which each school should have."""

    program: ProgramCode
    school_year: SchoolYear
    roles: frozenset[RoleSlug]


def user_list(connection: Connection, scope: ReportScope) -> AsyncIterator[Row]:
    """Each assignment with its person, in the order of names."""
    return _read(connection, "user_list", scope, Parameters(), {})


def no_recent_sign_in(connection: Connection, scope: ReportScope, before: datetime) -> AsyncIterator[Row]:
    """Assignments of people who could sign in and haven't since `before`; longest ago first."""
    parameters = Parameters()
    return _read(connection, "no_recent_sign_in", scope, parameters, {"before": parameters.add(before, "timestamptz")})


def roles_by_school(connection: Connection, scope: ReportScope) -> AsyncIterator[Row]:
    """How many hold which role at each organization."""
    return _read(connection, "roles_by_school", scope, Parameters(), {})


def unsigned_forms(
    connection: Connection, scope: ReportScope, asked: Sequence[AskedForm], today: date
) -> AsyncIterator[Row]:
    """Each form that somebody lacks, with where she needs it."""
    parameters = Parameters()
    parts = {"asked": parameters.add(asked_rows(asked), "jsonb"), "today": parameters.add(today, "date")}
    return _read(connection, "unsigned_forms", scope, parameters, parts)


def schools_without(
    connection: Connection, scope: ReportScope, sought: Sequence[CoordinatorSought], today: date
) -> AsyncIterator[Row]:
    """Open schools where nobody holds one of the roles."""
    parameters = Parameters()
    reached = ReachedRows(parameters, scope.rows, scope.own)
    rows = [
        {"program": one.program, "school_year": one.school_year, "roles": sorted(one.roles)}
        for one in sought
        if scope.program in (None, one.program)
    ]
    parts = {
        "sought": parameters.add(rows, "jsonb"),
        "today": parameters.add(today, "date"),
        "reached": reached.organization("o"),
        "narrowed": _and(_at(parameters, scope, "o", "id")),
    }
    text = fill("reports", "schools_without", **{"with": with_clause(*reached.ctes())}, **parts)
    return connection.cursor(text, *parameters.values, prefetch=_PREFETCH)


def _read(
    connection: Connection, name: str, scope: ReportScope, parameters: Parameters, parts: dict[str, str]
) -> AsyncIterator[Row]:
    reached = ReachedRows(parameters, scope.rows, scope.own)
    seen = reached.assignment("a")
    narrowed = _and([*_at(parameters, scope, "a", "organization_id"), *_narrowed(parameters, scope)])
    text = fill(
        "reports", name, **{"with": with_clause(*reached.ctes())}, reached=seen, narrowed=narrowed, **parts
    )  # fmt: skip
    return connection.cursor(text, *parameters.values, prefetch=_PREFETCH)


def _at(parameters: Parameters, scope: ReportScope, t: str, id_: str) -> list[str]:
    if scope.organization is None:
        return []
    return [fill("reports", "at_organization", t=t, id=id_, organization=parameters.add(scope.organization, "uuid"))]


def _narrowed(parameters: Parameters, scope: ReportScope) -> list[str]:
    found: list[str] = []
    if scope.program is not None:
        found.append(fill("reports", "of_program", program=parameters.add(scope.program, "text")))
    if scope.school_year is not None:
        found.append(fill("reports", "of_year", year=parameters.add(scope.school_year, "text")))
    else:
        found.append(fill("reports", "this_year", counts=fill("ranges", "counts_this_year", a="a")))
    return found


def _and(conditions: list[str]) -> str:
    return "".join(f" and {one}" for one in conditions)
