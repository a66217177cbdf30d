"""From a read tree and a caller to the one statement that answers it: reach as row filter, pages, rows within rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from policy.access import AccessTarget, AnyOf, RowFilter, row_filter
from policy.caller import Caller, PersonCaller
from policy.facts import Level
from policy.reach import Range
from store.composed import Parameters, fill
from store.keys_of import email_key
from store.marks import Mark
from store.organizations import OrganizationFilter, organization_filters
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRefusedError, read_cursor, start_behind
from store.reach import ReachedRows, with_clause
from store.read_tree import ColumnCell, ListRead, RowRead, RuleCell
from store.row_rules import RowRules
from store.tables import Found, KeyPart, Rows, Table
from store.user_search import UserFilter, UserSearch

FIRST_CELL: Final = 2
"""A statement's rows begin with the mark and the count."""
_LIMIT, _AFTER_KEY, _AFTER_ID = 0, 1, 2
_NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who a statement is composed for. `counting`: the (program, year) pairs that are current or upcoming."""

    caller: Caller
    own: OwnSystems | None
    counting: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ById:
    id: UUID | None


@dataclass(frozen=True, slots=True)
class ByEmail:
    address: str


@dataclass(frozen=True, slots=True)
class ByCode:
    level: Level
    code: str


Reference = ById | ByEmail | ByCode


@dataclass(frozen=True, slots=True)
class OneRow:
    """One row, where all of `seen` hold for it."""

    row: RowRead
    by: Reference
    seen: tuple[AnyOf, ...]


_COLUMNS: Final[Mapping[type, tuple[KeyPart, ...]]] = {
    ById: (KeyPart("id", "uuid"),),
    ByEmail: (KeyPart("email_key"),),
    ByCode: (KeyPart("level"), KeyPart("code")),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the rows for which `rule` holds. `nothing`: the filter names what doesn't exist."""

    row: RowRead
    rule: AnyOf
    wanted: UserFilter | OrganizationFilter
    organization: ByCode | None = None
    """Where the filter names an organization by its code."""
    nothing: bool = False
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement for one caller. Its first values are given anew each time: a page's limit and position, or what
    names the one row.
    """

    text: str
    _values: tuple[object, ...]
    _name_prefix: str | None = None

    def one(self, by: Reference) -> tuple[object, ...]:
        """The row of that reference, which must be of the same kind as the one composed for."""
        given = _named_by(by)
        return *given, *self._values[len(given) :]

    def page(self, first: int, after: tuple[str, UUID]) -> tuple[object, ...]:
        """`first` rows and one more behind `after`."""
        key, identifier = start_behind(after, self._name_prefix)
        return first + 1, key, identifier, *self._values[3:]


def compose(wanted: OneRow | Page, asked: Asked, mark: Mark) -> Composed:
    """The statement. Its rows begin with the mark and the count, then come the cells as `lay_out` has placed them."""
    return _Composer(asked, mark).compose(wanted)


@dataclass(slots=True)
class _Composer:
    asked: Asked
    mark: Mark
    parameters: Parameters = field(default_factory=Parameters)
    rules: RowRules = field(init=False)
    ctes: list[str] = field(default_factory=list[str])
    aliases: int = 0
    flat_order: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.rules = RowRules(self.parameters, self.asked.caller, self.asked.own)

    def compose(self, wanted: OneRow | Page) -> Composed:
        if isinstance(wanted, OneRow):
            return Composed(self._one(wanted), tuple(self.parameters.values))
        limit = self.parameters.add(None, "int")
        position = {"after_key": self.parameters.add(None, "text"), "after_id": self.parameters.add(None, "uuid")}
        text = self._page(wanted, limit, position)
        return Composed(text, tuple(self.parameters.values), wanted.wanted.name_prefix)

    def _one(self, wanted: OneRow) -> str:
        t = self._alias(wanted.row.table)
        where = self._where(wanted.by, t)  # first: its values are the statement's first
        cells, joins = self._row(wanted.row, t)
        seen = self._seen(wanted.row.table, t, wanted.seen)
        return self._finished(
            "one",
            names=_names("q", cells),
            cells=_named(cells),
            table=wanted.row.table.name,
            t=t,
            joins=" ".join(joins),
            where=where,
            seen=seen,
        )

    def _page(self, wanted: Page, limit: str, position: dict[str, str]) -> str:
        table = wanted.row.table
        t = self._alias(table)
        cells, joins = self._row(wanted.row, t)
        if isinstance(wanted.wanted, UserFilter):
            candidates, count, key = *self._users(wanted, wanted.wanted, limit, position), "user_id"
        else:
            candidates, count, key = *self._organizations(wanted, wanted.wanted, limit, position), "id"
        order = ["p.name_key", f"p.{key}", *self.flat_order]
        keys = ", ".join(f"{one} as k{at}" for at, one in enumerate(order))
        return self._finished(
            "page",
            names=_names("q", cells),
            count=count,
            cells=_named(cells),
            keys=keys,
            candidates=candidates,
            limit=limit,
            table=table.name,
            t=t,
            id=key,
            joins=" ".join(joins),
            order=", ".join(f"q.k{at}" for at in range(len(order))),
        )

    def _finished(self, part: str, **parts: str) -> str:
        mark = self.mark.sql(self.parameters)
        ctes = with_clause(*self.rules.ctes(), *self.ctes)
        return fill("reads", part, **{"with": ctes}, mark=mark, **parts)

    def _where(self, by: Reference, t: str) -> str:
        columns = _COLUMNS[type(by)]
        given = zip(columns, _named_by(by), strict=True)
        return " and ".join(f"{t}.{part.column} = {self.parameters.add(value, part.kind)}" for part, value in given)

    def _row(self, row: RowRead, t: str) -> tuple[list[str], list[str]]:
        """The expressions of the row's cells, in their order, and the joins that these need."""
        cells = [_column(t, cell) for cell in row.columns.values()]
        cells += [self._rule(row.table, t, cell) for cell in row.rules.values()]
        joins: list[str] = []
        for one in row.pointed.values():
            inner = self._alias(one.row.table)
            seen = self._seen(one.row.table, inner, one.seen)
            joins.append(fill("reads", "pointed", table=one.row.table.name, t=inner, parent=t, key=one.key, seen=seen))
            its_cells, its_joins = self._row(one.row, inner)
            cells += its_cells
            joins += its_joins
        for wanted in row.lists.values():
            if wanted.is_flat:
                its_cells, its_joins = self._joined(wanted, t)
                cells += its_cells
                joins += its_joins
                continue
            name = self._name("l")
            joins.append(self._list(wanted, t, name))
            cells.append(f"{name}.rows")
            if wanted.counted:
                cells.append(self._count(wanted, t))
        return cells, joins

    def _joined(self, wanted: ListRead, parent: str) -> tuple[list[str], list[str]]:
        """A list without a limit of its own: its rows are joined, in its order within each row of the page."""
        table = wanted.row.table
        t = self._alias(table)
        position, order = self._position(wanted, t)
        self.flat_order = order
        seen = self._seen(table, t, (wanted.rule,))
        join = fill(
            "reads", "joined", table=table.name, t=t, key=wanted.key, parent=parent, position=position, seen=seen
        )
        cells, joins = self._row(wanted.row, t)
        return cells, [join, *joins]

    def _position(self, wanted: ListRead, t: str) -> tuple[str, list[str]]:
        """The condition that rows lie behind the page's cursor, and the columns of the order."""
        parts = wanted.order.parts
        columns = [f"{t}.{part.column}" for part in parts]
        if wanted.after is None:
            return "true", columns
        after = read_position(wanted.row.table, wanted.after)
        given = [self.parameters.add(value, part.kind) for value, part in zip(after, parts, strict=True)]
        return f"({', '.join(columns)}) > ({', '.join(given)})", columns

    def _rule(self, table: Table, t: str, cell: RuleCell) -> str:
        return f"({self._seen(table, t, cell.rules)})"

    def _seen(self, table: Table, t: str, rules: tuple[AnyOf, ...]) -> str:
        conditions = [self.rules.condition(table.rows, t, any_of) for any_of in rules]
        if table.erased:
            conditions.append(f"{t}.status <> 'deleted'")
        return " and ".join(one for one in conditions if one != "true") or "true"

    def _list(self, wanted: ListRead, parent: str, name: str) -> str:
        table = wanted.row.table
        t = self._alias(table)
        cells, joins = self._row(wanted.row, t)
        names = _names("c", cells)
        common = {
            "names": names, "cells": _named(cells), "table": table.name, "t": t, "joins": " ".join(joins), "l": name,
            "parent": parent, "limit": self.parameters.add(wanted.first + 1, "int"),
        }  # fmt: skip
        if wanted.found is Found.BY_HOLDING:
            after = read_position(table, wanted.after)
            key, identifier = self.parameters.add(after[0], "text"), self.parameters.add(after[1], "uuid")
            return fill(
                "reads", "list_of_holders", **common, order="c.k1, c.k2", after_key=key, after_id=identifier,
                **self._holders(wanted),
            )  # fmt: skip
        position, columns = self._position(wanted, t)
        keys = ", ".join(f"{one} as k{at}" for at, one in enumerate(columns))
        order = ", ".join(f"k{at}" for at in range(len(columns)))
        seen = self._seen(table, t, (wanted.rule,))
        return fill("reads", "list", **common, keys=keys, order=order, key=wanted.key, position=position, seen=seen)

    def _holders(self, wanted: ListRead) -> dict[str, str]:
        """Users of an organization are found by the assignments there that the caller may see."""
        return {
            "seen": self._seen_holding(wanted.rule),
            "counts_this_year": fill("reach", "counts_this_year", a="h"),
        }

    def _seen_holding(self, rule: AnyOf) -> str:
        found = row_filter(self.asked.caller, rule)
        seen = self.rules.ranges(Rows.ASSIGNMENTS, "h", found.visible.ranges)
        if seen == "false" or found.own_systems is None:
            return seen
        return f"{seen} and {self.rules.in_own_systems(Rows.ASSIGNMENTS, 'h')}"

    def _count(self, wanted: ListRead, parent: str) -> str:
        limit = self.parameters.add(COUNTED_EXACTLY + 1, "int")
        if wanted.found is Found.BY_HOLDING:
            return fill("reads", "count_of_holders", parent=parent, limit=limit, **self._holders(wanted))
        table, t = wanted.row.table, self._alias(wanted.row.table)
        seen = self._seen(table, t, (wanted.rule,))
        return fill("reads", "count", table=table.name, t=t, key=wanted.key, parent=parent, seen=seen, limit=limit)

    def _users(self, page: Page, wanted: UserFilter, limit: str, position: dict[str, str]) -> tuple[str, str]:
        """The page's candidates, and how many there are in all."""
        rows = RowFilter() if page.nothing else row_filter(self.asked.caller, page.rule)
        if rows.own is None and not rows.visible.ranges:
            return fill("reads", "no_users"), "0::bigint" if page.counted else "null::bigint"
        search = self._search(rows, page, wanted, limit, position)
        candidates = search.candidates()
        count = "null::bigint"
        if page.counted:
            most = self.parameters.add(COUNTED_EXACTLY + 1, "int")
            start = {"after_key": self.parameters.add(wanted_start(wanted), "text"), "after_id": f"'{_NIL}'::uuid"}
            every = self._search(rows, page, wanted, most, start)
            every.streams = search.streams
            count = fill("reads", "count_of_users", candidates=every.candidates(ordered=False), limit=most)
        self.ctes += search.ctes()
        return candidates, count

    def _search(
        self, rows: RowFilter, page: Page, wanted: UserFilter, limit: str, position: dict[str, str]
    ) -> UserSearch:
        place = None
        if page.organization is not None:
            place = fill("reads", "place", where=self._where(page.organization, "n"))
        reached = ReachedRows(self.parameters, rows, self.asked.own, self.rules.shared_parts)
        return UserSearch(
            rows, wanted, self.parameters, reached, position["after_key"], position["after_id"], limit,
            counting=self.asked.counting, place=place,
        )  # fmt: skip

    def _organizations(
        self, page: Page, wanted: OrganizationFilter, limit: str, position: dict[str, str]
    ) -> tuple[str, str]:
        filters = organization_filters(self.parameters, wanted)
        ranges = [] if page.nothing else self._places(page.rule)
        statewide = any(one.lea is None and one.organization is None for one in ranges)
        count = "null::bigint"
        if page.counted:
            most = self.parameters.add(COUNTED_EXACTLY + 1, "int")
            seen = self._seen_organizations(page)
            count = fill("reads", "count_of_organizations", seen=seen, filters=filters, limit=most)
        if statewide:
            seen = self._seen_organizations(page)
            return fill("reads", "every_organization", seen=seen, filters=filters, **position), count
        leas = [one for one in ranges if one.lea is not None]
        single = [one for one in ranges if one.lea is None]
        return fill(
            "reads", "reached_organizations", filters=filters, limit=limit, **position,
            leas=self.parameters.add([one.lea for one in leas], "uuid[]"),
            schools_of=self.parameters.add([one.schools_only for one in leas], "boolean[]"),
            organizations=self.parameters.add([one.organization for one in single], "uuid[]"),
            schools_in=self.parameters.add([one.schools_only for one in single], "boolean[]"),
        ), count  # fmt: skip

    def _seen_organizations(self, page: Page) -> str:
        return "false" if page.nothing else self.rules.condition(Rows.ORGANIZATIONS, "o", page.rule)

    def _places(self, rule: AnyOf) -> list[Range]:
        """Where the caller sees organizations: her reach, and where she holds or held a role herself."""
        caller = self.asked.caller
        found = [one for one in row_filter(caller, rule).visible.ranges if not one.roles]
        if isinstance(caller, PersonCaller) and any(one.of is AccessTarget.SELF for one in rule):
            found += [Range(None, None, organization=one) for one in sorted(caller.own_organizations)]
        return found

    def _alias(self, table: Table) -> str:
        return self._name(table.letter)

    def _name(self, letter: str) -> str:
        self.aliases += 1
        return f"{letter}{self.aliases}"


def _named_by(by: Reference) -> tuple[object, ...]:
    match by:
        case ById(identifier):
            return (identifier,)
        case ByEmail(address):
            return (email_key(address),)
        case ByCode(level, code):
            return level.value, code


def read_position(table: Table, after: str | None) -> tuple[object, ...]:
    """The position behind which a page of the table starts. Raises PageRefusedError."""
    parts = table.order.parts
    if after is None:
        return tuple(_NIL if part.kind == "uuid" else "" for part in parts)
    try:
        read = read_cursor(table.rows.value, len(parts), after)
        return tuple(UUID(text) if part.kind == "uuid" else text for text, part in zip(read, parts, strict=True))
    except ValueError as error:
        if isinstance(error, PageRefusedError):
            raise
        message = "after isn't a cursor of this service: use an endCursor that it gave."
        raise PageRefusedError("after", message) from error


def wanted_start(wanted: UserFilter) -> str:
    return start_behind(("", _NIL), wanted.name_prefix)[0]


def _column(t: str, cell: ColumnCell) -> str:
    return f'{t}."{cell.column}"::text' if cell.as_text else f'{t}."{cell.column}"'


def _named(cells: list[str]) -> str:
    return ", ".join(f"{one} as c{at}" for at, one in enumerate(cells))


def _names(of: str, cells: list[str]) -> str:
    return ", ".join(f"{of}.c{at}" for at in range(len(cells)))
