"""From a read tree and a caller to the one statement that answers it: reach as row filter, pages, rows within rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from policy.access import AccessTarget, AnyOf, RowFilter, row_filter
from policy.caller import PersonCaller
from policy.facts import Level
from policy.reach import Range
from store.compile_rows import NIL, Asked, RowComposer, named, names
from store.composed import fill
from store.keys_of import email_key
from store.marks import Mark
from store.organization_search import (
    OrganizationFilter,
    PageStart,
    every_organization,
    is_statewide,
    organization_filters,
    reached_organizations,
)
from store.pages import COUNTED_EXACTLY, MOST_ROWS, start_behind
from store.reach import ReachedRows
from store.read_tree import RowRead
from store.tables import KeyPart, Rows
from store.user_search import UserFilter, UserSearch

_MOST: Final = str(MOST_ROWS + 1)
_COUNTED: Final = str(COUNTED_EXACTLY + 1)
FIRST_CELL: Final = 2
"""A statement's rows begin with the mark and the count."""


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
class Sought:
    """What a list is narrowed to. `nothing`: its filter names what doesn't exist."""

    wanted: UserFilter | OrganizationFilter
    organization: ByCode | None = None
    """Where the filter names an organization by its code."""
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the rows for which `rule` holds."""

    row: RowRead
    rule: AnyOf
    sought: Sought
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement for one caller. Its first values are given anew each time: a page's limit and position, or what
    names the one row.
    """

    text: str
    values: tuple[object, ...]
    _name_prefix: str | None = None

    def one(self, by: Reference) -> tuple[object, ...]:
        """The row of that reference, which must be of the same kind as the one composed for."""
        given = _named_by(by)
        return *given, *self.values[len(given) :]

    def page(self, first: int, after: tuple[str, UUID]) -> tuple[object, ...]:
        """`first` rows and one more behind `after`."""
        key, identifier = start_behind(after, self._name_prefix)
        return first + 1, key, identifier, *self.values[3:]


def compose(wanted: OneRow | Page, asked: Asked, mark: Mark | None) -> Composed:
    """The statement. Its rows begin with the mark and the count, then come the cells as `lay_out` has placed them."""
    return _Composer(asked, mark=mark).compose(wanted)


def compose_count(rule: AnyOf, sought: Sought, asked: Asked) -> Composed:
    """The statement that tells how many rows there are in all, up to one above what is counted exactly."""
    return _Composer(asked).count(rule, sought)


@dataclass(slots=True)
class _Composer(RowComposer):
    mark: Mark | None = None
    ctes: list[str] = field(default_factory=list[str])

    def compose(self, wanted: OneRow | Page) -> Composed:
        if isinstance(wanted, OneRow):
            return Composed(self._one(wanted), tuple(self.parameters.values))
        limit = self.parameters.add(None, "int")
        position = {"after_key": self.parameters.add(None, "text"), "after_id": self.parameters.add(None, "uuid")}
        text = self._page(wanted, limit, position)
        return Composed(text, tuple(self.parameters.values), wanted.sought.wanted.name_prefix)

    def count(self, rule: AnyOf, sought: Sought) -> Composed:
        if isinstance(sought.wanted, UserFilter):
            count = self._count_of_users(self._rows(rule, sought), sought, sought.wanted)
        else:
            count = self._count_of_organizations(rule, sought, organization_filters(self.parameters, sought.wanted))
        return Composed(self.finished("count_of_page", tuple(self.ctes), count=count), tuple(self.parameters.values))

    def _one(self, wanted: OneRow) -> str:
        t = self.alias(wanted.row.table)
        where = self._where(wanted.by, t)  # first: its values are the statement's first
        cells, joins = self.row(wanted.row, t)
        seen = self.seen(wanted.row.table, t, wanted.seen)
        return self._finished(
            "one",
            names=names("q", cells),
            cells=named(cells),
            table=wanted.row.table.name,
            t=t,
            joins=" ".join(joins),
            where=where,
            seen=seen,
        )

    def _page(self, wanted: Page, limit: str, position: dict[str, str]) -> str:
        table = wanted.row.table
        t = self.alias(table)
        cells, joins = self.row(wanted.row, t)
        filters = wanted.sought.wanted
        if isinstance(filters, UserFilter):
            candidates, count, key = *self._users(wanted, filters, limit, position), "user_id"
        else:
            candidates, count, key = *self._organizations(wanted, filters, position), "id"
        order = ["p.name_key", f"p.{key}", *self.flat_order]
        keys = ", ".join(f"{one} as k{at}" for at, one in enumerate(order))
        return self._finished(
            "page",
            names=names("q", cells),
            count=count,
            cells=named(cells),
            keys=keys,
            candidates=candidates,
            most=_MOST,
            limit=limit,
            table=table.name,
            t=t,
            id=key,
            joins=" ".join(joins),
            order=", ".join(f"q.k{at}" for at in range(len(order))),
        )

    def _finished(self, part: str, **parts: str) -> str:
        mark = "null::text" if self.mark is None else self.mark.sql(self.parameters)
        return self.finished(part, tuple(self.ctes), mark=mark, **parts)

    def _where(self, by: Reference, t: str) -> str:
        columns = _COLUMNS[type(by)]
        given = zip(columns, _named_by(by), strict=True)
        return " and ".join(f"{t}.{part.column} = {self.parameters.add(value, part.kind)}" for part, value in given)

    def _rows(self, rule: AnyOf, sought: Sought) -> RowFilter:
        return RowFilter() if sought.nothing else row_filter(self.asked.caller, rule)

    def _users(self, page: Page, wanted: UserFilter, limit: str, position: dict[str, str]) -> tuple[str, str]:
        """The page's candidates, and how many there are in all."""
        rows = self._rows(page.rule, page.sought)
        if _holds_no_user(rows):
            return fill("reads", "no_users", **position), "0::bigint" if page.counted else "null::bigint"
        search = self._search(rows, page.sought, wanted, limit, position)
        candidates = search.candidates()
        count = self._count_of_users(rows, page.sought, wanted, search) if page.counted else "null::bigint"
        self.ctes += search.ctes()
        return candidates, count

    def _count_of_users(
        self, rows: RowFilter, sought: Sought, wanted: UserFilter, page: UserSearch | None = None
    ) -> str:
        """`page`: the search of the page in the same statement."""
        if _holds_no_user(rows):
            return "0::bigint"
        start = {"after_key": self.parameters.add(wanted_start(wanted), "text"), "after_id": f"'{NIL}'::uuid"}
        every = self._search(rows, sought, wanted, _COUNTED, start, _COUNTED)
        every.streams = page.streams if page else ""
        part = "count_of_walk" if every.is_unique else "count_of_users"
        count = fill("reads", part, candidates=every.candidates(ordered=False), limit=_COUNTED)
        if page is None:
            self.ctes += every.ctes()
        return count

    def _search(
        self, rows: RowFilter, sought: Sought, wanted: UserFilter, limit: str, position: dict[str, str],
        most: str = _MOST,
    ) -> UserSearch:  # fmt: skip
        place = None
        if sought.organization is not None:
            place = fill("reads", "place", where=self._where(sought.organization, "n"))
        reached = ReachedRows(self.parameters, rows, self.asked.own, self.rules.ranges)
        return UserSearch(
            rows, wanted, self.parameters, reached, position["after_key"], position["after_id"], limit, most,
            counting=self.asked.counting, place=place,
        )  # fmt: skip

    def _organizations(self, page: Page, wanted: OrganizationFilter, position: dict[str, str]) -> tuple[str, str]:
        filters = organization_filters(self.parameters, wanted)
        ranges = [] if page.sought.nothing else self._places(page.rule)
        count = self._count_of_organizations(page.rule, page.sought, filters) if page.counted else "null::bigint"
        start = PageStart(**position, limit=_MOST)
        if is_statewide(ranges):
            return every_organization(start, self._seen_organizations(page.rule, page.sought), filters), count
        return reached_organizations(self.parameters, start, ranges, filters), count

    def _count_of_organizations(self, rule: AnyOf, sought: Sought, filters: str) -> str:
        seen = self._seen_organizations(rule, sought)
        return fill("reads", "count_of_organizations", seen=seen, filters=filters, limit=_COUNTED)

    def _seen_organizations(self, rule: AnyOf, sought: Sought) -> str:
        return "false" if sought.nothing else self.rules.condition(Rows.ORGANIZATIONS, "o", rule)

    def _places(self, rule: AnyOf) -> list[Range]:
        """Where the caller sees organizations: her reach, and where she holds or held a role herself."""
        caller = self.asked.caller
        found = [one for one in row_filter(caller, rule).visible.ranges if not one.roles]
        if isinstance(caller, PersonCaller) and any(one.of is AccessTarget.SELF for one in rule):
            found += [Range(None, None, organization=one) for one in sorted(caller.own_organizations)]
        return found


def _holds_no_user(rows: RowFilter) -> bool:
    return rows.own is None and not rows.visible.ranges


def _named_by(by: Reference) -> tuple[object, ...]:
    match by:
        case ById(identifier):
            return (identifier,)
        case ByEmail(address):
            return (email_key(address),)
        case ByCode(level, code):
            return level.value, code


def wanted_start(wanted: UserFilter) -> str:
    return start_behind(("", NIL), wanted.name_prefix)[0]
