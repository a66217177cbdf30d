"""The access rules of a caller as SQL: for each table, the condition under which one of its rows may be seen."""

from collections.abc import Callable, Mapping, Sequence

from policy.access import AccessTarget, AnyOf, row_filter
from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller
from policy.reach import Range
from store.composed import Parameters, fill
from store.own_systems import OwnSystems
from store.reach import ReachedRows, is_everything, range_row
from store.tables import Rows

MOST_WRITTEN_OUT = 6
"""More ranges than these are sent as a table: the statement's text, and its plan, then serve every such caller."""


class RowRules:
    """The conditions of one statement. Ask for the conditions first and for `ctes` last: only what was used is sent.

    The same answer as `policy.access.holds` for each row. `own`: the rules of the caller's systems, where she has such
    (ValueError else): an absent rule never means unrestricted.
    """

    __slots__ = ("_caller", "_ctes", "_parameters", "_systems", "_tables", "shared_parts")

    def __init__(self, parameters: Parameters, caller: Caller, own: OwnSystems | None) -> None:
        systems = caller.systems if isinstance(caller, SystemCaller | PersonCaller) else None
        if systems is not None and (own is None or own.systems != systems):
            raise ValueError("A caller whose answers are cut to systems needs the rules of exactly these systems.")
        self._caller = caller
        self._parameters = parameters
        self.shared_parts: dict[str, str] = {}
        """Parts of the statement that other conditions on the same caller's reach may use and add to."""
        self._systems = ReachedRows(parameters, None, own, self.shared_parts)
        self._tables: dict[tuple[Range, ...], str] = {}
        self._ctes: list[str] = []

    def ctes(self) -> tuple[str, ...]:
        return (*self.shared_parts.values(), *self._ctes)

    def condition(self, rows: Rows, alias: str, any_of: AnyOf) -> str:
        """Whether the row `alias` satisfies one of the rules; `true` and `false` are told as such."""
        match self._caller:
            case Anonymous():
                return "false"
            case SystemCaller():
                known = any(one.of is AccessTarget.OWN_SYSTEM for one in any_of)
                return self.in_own_systems(rows, alias) if known else "false"
            case PersonCaller():
                return self._of_person(self._caller, rows, alias, any_of)

    def in_own_systems(self, rows: Rows, alias: str) -> str:
        """Whether the row concerns an active grant in one of the caller's systems; student groups never do."""
        match rows:
            case Rows.USERS:
                return self._systems.user_in_own_systems(f"{alias}.id")
            case Rows.ASSIGNMENTS:
                return self._systems.assignment_in_own_systems(alias)
            case Rows.ORGANIZATIONS:
                return self._systems.organization_in_own_systems(alias)
            case Rows.GROUPS:
                return "false"

    def ranges(self, rows: Rows, alias: str, ranges: tuple[Range, ...]) -> str:
        """Whether the row lies in one of the ranges."""
        if any(is_everything(one) for one in ranges):
            return "true"
        if rows is Rows.USERS:
            counts = fill("reach", "counts_this_year", a="ra")
            reached = self.ranges(Rows.ASSIGNMENTS, "ra", ranges)
            return "false" if reached == "false" else fill("rules", "user_reached", t=alias, reached=reached,
                                                           counts_this_year=counts)  # fmt: skip
        fitting = ranges if rows is Rows.ASSIGNMENTS else tuple(one for one in ranges if not one.roles)
        if not fitting:
            return "false"
        if len(fitting) > MOST_WRITTEN_OUT:
            return fill("rules", _REACHED[rows], reach=self._table(fitting), t=alias)
        return "(" + " or ".join(self._written_out(rows, alias, one) for one in fitting) + ")"

    def _of_person(self, caller: PersonCaller, rows: Rows, alias: str, any_of: AnyOf) -> str:
        found = row_filter(caller, any_of)
        reached = self._reached(rows, alias, found.visible.ranges, sorted(found.visible.groups))
        ways = [reached] if reached != "false" else []
        if ways and found.own_systems is not None and rows is not Rows.ASSIGNMENTS:
            ways = [f"({reached} and {self.in_own_systems(rows, alias)})"]
        if any(one.of is AccessTarget.SELF for one in any_of) and ways != ["true"]:
            ways.append(self._mine(caller, rows, alias))
        either = _either(ways)
        if rows is Rows.ASSIGNMENTS and caller.systems is not None and either != "false":
            return f"({either} and {self.in_own_systems(rows, alias)})"  # one's own are cut to the systems as well
        return either

    def _reached(self, rows: Rows, alias: str, ranges: tuple[Range, ...], groups: Sequence[object]) -> str:
        inside = self.ranges(rows, alias, ranges)
        if rows is not Rows.GROUPS or not groups or inside == "true":
            return inside
        named = f"{alias}.id = any({self._parameters.add(list(groups), 'uuid[]')})"
        return named if inside == "false" else f"({named} or {inside})"

    def _mine(self, caller: PersonCaller, rows: Rows, alias: str) -> str:
        match rows:
            case Rows.USERS:
                return f"{alias}.id = {self._parameters.add(caller.user, 'uuid')}"
            case Rows.ASSIGNMENTS:
                return f"{alias}.user_id = {self._parameters.add(caller.user, 'uuid')}"
            case Rows.ORGANIZATIONS:
                return f"{alias}.id = any({self._parameters.add(sorted(caller.own_organizations), 'uuid[]')})"
            case Rows.GROUPS:
                return f"{alias}.id = any({self._parameters.add(sorted(caller.own_groups), 'uuid[]')})"

    def _table(self, ranges: tuple[Range, ...]) -> str:
        name = self._tables.get(ranges)
        if name is None:
            name = self._tables[ranges] = f"reach_{len(self._tables) + 1}"
            given = self._parameters.add([range_row(one) for one in ranges], "jsonb")
            self._ctes.append(fill("rules", "reach_rows", reach=name, ranges=given))
        return name

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


def _either(ways: list[str]) -> str:
    if not ways:
        return "false"
    if "true" in ways:
        return "true"
    return ways[0] if len(ways) == 1 else f"({' or '.join(ways)})"
