"""Ranges of a reach as SQL: whether a row lies in one of them. The only place where their geometry becomes text."""

from collections.abc import Callable, Mapping

from policy.reach import Range
from store.composed import Parameters, fill
from store.tables import Rows

MOST_WRITTEN_OUT = 6
"""More ranges than these are sent as a table: the statement's text, and its plan, then serve every such caller."""


class RangeConditions:
    """The conditions of one statement. Ask for them first and for `ctes` last: only what was used is sent."""

    __slots__ = ("_ctes", "_names", "_parameters")

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._names: dict[tuple[Range, ...], str] = {}
        self._ctes: list[str] = []

    def ctes(self) -> tuple[str, ...]:
        return tuple(self._ctes)

    def condition(self, rows: Rows, alias: str, ranges: tuple[Range, ...]) -> str:
        """Whether the row `alias` lies in one of the ranges; `true` and `false` are told as such.

        A user does by an assignment of this year. Ranges of single roles hold assignments alone.
        """
        if any(is_everything(one) for one in ranges):
            return "true"
        if rows is Rows.USERS:
            return self._user(alias, ranges)
        fitting = ranges if rows is Rows.ASSIGNMENTS else tuple(one for one in ranges if not one.roles)
        if not fitting:
            return "false"
        if len(fitting) > MOST_WRITTEN_OUT:
            return fill("ranges", _REACHED[rows], reach=self.table(fitting), t=alias)
        return "(" + " or ".join(self._written_out(rows, alias, one) for one in fitting) + ")"

    def table(self, ranges: tuple[Range, ...]) -> str:
        """The name of a table in the statement with a row for each range."""
        name = self._names.get(ranges)
        if name is None:
            name = self._names[ranges] = f"reach_{len(self._names) + 1}"
            given = self._parameters.add([_row(one) for one in ranges], "jsonb")
            self._ctes.append(fill("ranges", "table", reach=name, ranges=given))
        return name

    def _user(self, alias: str, ranges: tuple[Range, ...]) -> str:
        reached = self.condition(Rows.ASSIGNMENTS, "ra", ranges)
        if reached == "false":
            return reached
        counts = fill("ranges", "counts_this_year", a="ra")
        return fill("ranges", "user_reached", t=alias, reached=reached, counts_this_year=counts)

    def _written_out(self, rows: Rows, alias: str, one: Range) -> str:
        parts: list[str] = []
        own_id = "id" if rows is Rows.ORGANIZATIONS else "organization_id"
        if one.lea is not None:
            parts.append(f"{alias}.lea_id = {self._parameters.add(one.lea, 'uuid')}")
        if one.organization is not None:
            parts.append(f"{alias}.{own_id} = {self._parameters.add(one.organization, 'uuid')}")
        if one.schools_only:
            parts.append(_IS_SCHOOL[rows](alias))
        if rows is Rows.ASSIGNMENTS and one.program is not None:
            parts.append(f"{alias}.program = {self._parameters.add(one.program, 'text')}")
        if rows is not Rows.ORGANIZATIONS and one.school_year is not None:
            parts.append(self._year(alias, one.school_year, through=one.through_year))
        if one.roles:
            parts.append(f"{alias}.role = any({self._parameters.add(sorted(one.roles), 'text[]')})")
        return f"({' and '.join(parts)})" if parts else "true"

    def _year(self, alias: str, year: str, *, through: bool) -> str:
        given = self._parameters.add(year, "text")
        if through:
            return f'{alias}.school_year collate "C" <= {given}'
        return f"{alias}.school_year = {given}"


def is_everything(one: Range) -> bool:
    """Whether the range holds every place of every program and year."""
    place = one.lea is None and one.organization is None and not one.schools_only
    return place and one.program is None and one.school_year is None and not one.roles


def _row(one: Range) -> dict[str, object]:
    return {
        "program": one.program,
        "school_year": one.school_year,
        "lea": None if one.lea is None else str(one.lea),
        "organization": None if one.organization is None else str(one.organization),
        "schools_only": one.schools_only,
        "through_year": one.through_year,
        "roles": sorted(one.roles),
    }


_REACHED: Mapping[Rows, str] = {
    Rows.ASSIGNMENTS: "assignment_reached",
    Rows.ORGANIZATIONS: "organization_reached",
    Rows.GROUPS: "group_reached",
}
_IS_SCHOOL: Mapping[Rows, Callable[[str], str]] = {
    Rows.ASSIGNMENTS: lambda t: f"{t}.organization_id <> {t}.lea_id",
    Rows.GROUPS: lambda t: f"{t}.organization_id <> {t}.lea_id",
    Rows.ORGANIZATIONS: lambda t: f"{t}.level = 'school'",
}
