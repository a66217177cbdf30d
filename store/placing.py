"""Where the rows of each table lie and whose they are: told once for each table, as the access rules judge them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from policy.access import Subject
from policy.facts import Level
from policy.ids import GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reach import Place
from store.composed import fill
from store.tables import Rows

Places = Iterable[tuple[UUID, str, UUID | None, str | None, str | None, str | None]]
_PLACES: Final[Mapping[Rows, str]] = {
    Rows.USERS: "of_user",
    Rows.ORGANIZATIONS: "of_organization",
    Rows.ASSIGNMENTS: "of_assignment",
    Rows.GROUPS: "of_group",
}
_OWNER: Final[Mapping[Rows, str]] = {Rows.USERS: "id", Rows.ASSIGNMENTS: "user_id"}
"""The column with the person whose own a row is. Organizations and student groups are their caller's by other facts."""
_GROUP: Final[Mapping[Rows, str]] = {Rows.GROUPS: "id"}


def judged_columns(rows: Rows) -> tuple[str, ...]:
    """The columns that `subject_of` reads."""
    return tuple(columns[rows] for columns in (_OWNER, _GROUP) if rows in columns)


def places_sql(rows: Rows, t: str) -> str:
    """The places of the row `t`, as `places_of` reads them."""
    return fill("places", _PLACES[rows], t=t, counts_this_year=fill("ranges", "counts_this_year", a="a"))


def places_of(found: Places | None) -> tuple[Place, ...]:
    return tuple(
        Place(
            OrganizationId(organization),
            Level(level),
            None if lea is None else OrganizationId(lea),
            None if program is None else ProgramCode(program),
            None if school_year is None else SchoolYear(school_year),
            None if role is None else RoleSlug(role),
        )
        for organization, level, lea, program, school_year, role in found or ()
    )


def subject_of(rows: Rows, values: Mapping[str, Any], places: Places | None, *, in_own_systems: bool) -> Subject:
    """A row as the rules see it; `values` hold its `judged_columns`."""
    owner, group = _OWNER.get(rows), _GROUP.get(rows)
    return Subject(
        owner=UserId(values[owner]) if owner else None,
        places=places_of(places),
        in_own_systems=in_own_systems,
        group=GroupId(values[group]) if group else None,
    )
