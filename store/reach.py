"""A caller's reach as SQL: ranges, groups and own systems as conditions on rows."""

import re
from collections.abc import Iterable
from dataclasses import replace

from policy.access import RowFilter
from policy.ids import RoleSlug
from store.composed import Parameters, fill
from store.own_systems import OwnSystems, RoleGives
from store.ranges import RangeConditions, is_everything
from store.tables import Rows


class ReachedRows:
    """The conditions of one statement: which rows a caller may see, and which concern her own systems.

    Ask for the conditions first and for `ctes` last: only what was used is sent. `own` must be given where the
    filter is cut to own systems (ValueError): an absent rule never means unrestricted. `ranges`: shared by what becomes
    one statement.
    """

    __slots__ = ("_filter", "_own", "_parameters", "_ranges", "_today")

    def __init__(
        self,
        parameters: Parameters,
        rows: RowFilter | None,
        own: OwnSystems | None,
        ranges: RangeConditions | None = None,
    ) -> None:
        given = None if own is None else own.systems
        if rows is not None and rows.own_systems is not None and rows.own_systems != given:
            raise ValueError("A filter by own systems needs the rules of exactly these systems.")
        self._parameters = parameters
        self._filter = rows
        self._own = own
        self._ranges = RangeConditions(parameters) if ranges is None else ranges
        self._today: str | None = None

    @property
    def everything(self) -> bool:
        """Whether the ranges hold every row of every program and year."""
        return self._filter is not None and any(is_everything(one) for one in self._filter.visible.ranges)

    @property
    def cut(self) -> bool:
        """Whether rows must concern the caller's own systems as well."""
        return self._filter is not None and self._filter.own_systems is not None

    def ctes(self) -> tuple[str, ...]:
        return self._ranges.ctes()

    def table(self) -> str:
        """The name of a table in the statement with a row for each range."""
        return self._ranges.table(() if self._filter is None else self._filter.visible.ranges)

    def organization(self, o: str) -> str:
        """Whether the organization is within reach."""
        filters = [self._reached(Rows.ORGANIZATIONS, o)]
        if self.cut:
            filters.append(self.organization_in_own_systems(o))
        return " and ".join(filters)

    def within(self, a: str) -> str:
        """Whether the assignment is within reach, own systems not looked at."""
        return self._reached(Rows.ASSIGNMENTS, a)

    def assignment(self, a: str) -> str:
        """Whether the assignment is the caller's own, or within reach and, where cut, of own systems."""
        filters = [self._reached(Rows.ASSIGNMENTS, a)]
        if self.cut:
            filters.append(self.assignment_in_own_systems(a))
        reached = " and ".join(filters)
        if self._filter is None or self._filter.own is None:
            return reached
        return f"({a}.user_id = {self._parameters.add(self._filter.own, 'uuid')} or ({reached}))"

    def group(self, g: str) -> str:
        """Whether the student group is within reach, or one of those given by name. Never by own systems."""
        if self._filter is None or self.cut:
            return "false"
        groups = self._parameters.add(sorted(self._filter.visible.groups), "uuid[]")
        return f"({g}.id = any({groups}) or {self._reached(Rows.GROUPS, g)})"

    def assignment_in_own_systems(self, a: str) -> str:
        if self._own is None or not self._own.rules:
            return "false"
        return fill("reach", "assignment_in_own_systems", a=a, gives=self._gives(a))

    def user_in_own_systems(self, user_id: str) -> str:
        if self._own is None or not self._own.rules:
            return "false"
        return fill("reach", "user_in_own_systems", u=user_id, gives=self._gives("sa"))

    def organization_in_own_systems(self, o: str) -> str:
        if self._own is None or not self._own.rules:
            return "false"
        return fill("reach", "organization_in_own_systems", o=o, gives=self._gives("sa"))

    def own_rules(self) -> str:
        """A row of program, year and role for each rule of the own systems; one without a match where there is none."""
        rules = self._own.rules if self._own is not None else ()
        rows = [f"({_name(one.program)}, {_name(one.school_year)}, {_name(one.role)})" for one in rules]
        return ", ".join(rows) or "('', '', '')"

    def _gives(self, a: str) -> str:
        """Whether the assignment `a` at the organization `so` gives something; rules that ask for the same are one."""
        rules = self._own.rules if self._own is not None else ()
        self._today = self._today or self._parameters.add(self._own.today if self._own else None, "date")
        kinds: dict[RoleGives, list[str]] = {}
        for one in rules:
            kinds.setdefault(replace(one, role=RoleSlug("")), []).append(one.role)
        ways = " or ".join(self._way(a, kind, roles) for kind, roles in kinds.items())
        return fill("reach", "gives", a=a, o="so", today=self._today, ways=ways)

    def _way(self, a: str, kind: RoleGives, roles: list[str]) -> str:
        steps = ""
        if kind.forms:
            forms = frozenset(kind.forms)
            steps += fill("reach", "forms_signed", a=a, many=str(len(forms)), forms=_names(forms))
        if kind.credential:
            steps += fill("reach", "credential_good", a=a, o="so", today=self._today or "null")
        if kind.roster:
            steps += fill("reach", "roster_given", a=a, o="so")
        if kind.unfilled is not None:
            steps += fill("reach", "unfilled", a=a, role=_name(kind.unfilled), today=self._today or "null")
        return fill(
            "reach", "way", a=a, o="so", program=_name(kind.program), year=_name(kind.school_year),
            roles=_names(roles), levels=_names(kind.levels), steps=steps,
        )  # fmt: skip

    def _reached(self, rows: Rows, alias: str) -> str:
        return "true" if self._filter is None else self._ranges.condition(rows, alias, self._filter.visible.ranges)


def with_clause(*parts: str) -> str:
    """The statement's WITH clause, or nothing."""
    return f"with {', '.join(parts)}" if parts else ""


_NAME = re.compile(r"[A-Za-z0-9._-]*")


def _name(text: str) -> str:
    """A name of a pack as a literal: it is the same for every caller, and a plan can count on it.

    Raises ValueError for a text that no name of a pack can be.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no name of a program pack.")
    return f"'{text}'"


def _names(texts: Iterable[str]) -> str:
    return ", ".join(_name(one) for one in sorted(texts))
