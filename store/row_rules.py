"""The access rules of a caller as SQL: for each table, the condition under which one of its rows may be seen."""

from collections.abc import Sequence

from policy.access import AccessTarget, AnyOf, row_filter
from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller
from policy.reach import Range
from store.composed import Parameters
from store.own_systems import OwnSystems
from store.ranges import RangeConditions
from store.reach import ReachedRows
from store.tables import Rows


class RowRules:
    """The conditions of one statement. Ask for the conditions first and for `ctes` last: only what was used is sent.

    The same answer as `policy.access.holds` for each row. `own`: the rules of the caller's systems, where she has such
    (ValueError else): an absent rule never means unrestricted.
    """

    __slots__ = ("_caller", "_parameters", "_systems", "ranges")

    def __init__(self, parameters: Parameters, caller: Caller, own: OwnSystems | None) -> None:
        systems = caller.systems if isinstance(caller, SystemCaller | PersonCaller) else None
        if systems is not None and (own is None or own.systems != systems):
            raise ValueError("A caller whose answers are cut to systems needs the rules of exactly these systems.")
        self._caller = caller
        self._parameters = parameters
        self.ranges = RangeConditions(parameters)
        self._systems = ReachedRows(parameters, None, own, self.ranges)

    def ctes(self) -> tuple[str, ...]:
        return self.ranges.ctes()

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
        inside = self.ranges.condition(rows, alias, ranges)
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


def _either(ways: list[str]) -> str:
    if not ways:
        return "false"
    if "true" in ways:
        return "true"
    return ways[0] if len(ways) == 1 else f"({' or '.join(ways)})"
