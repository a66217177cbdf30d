"""What one statement reads, whoever asks: rows of mapped tables within rows, laid out as cells."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from policy.access import AnyOf
from store.tables import Found, Order, Table


@dataclass(slots=True, eq=False)
class Cell:
    """One value of a row; its place is known once the tree is laid out."""

    index: int = -1


@dataclass(slots=True, eq=False)
class ColumnCell(Cell):
    """A column of the row's table. `as_text`: written out by the database (ids)."""

    column: str = ""
    as_text: bool = False


@dataclass(slots=True, eq=False)
class RuleCell(Cell):
    """Whether the rules, all of them, hold for the row."""

    rules: tuple[AnyOf, ...] = ()


@dataclass(slots=True, eq=False)
class JudgedCells:
    """What the access rules look at: where the row lies, and whether it concerns the caller's own systems."""

    places: Cell = field(default_factory=Cell)
    in_own_systems: Cell = field(default_factory=Cell)


@dataclass(slots=True, eq=False)
class RowRead:
    """A row: its own cells, then those of each row that it points to, then a cell for each of its lists."""

    table: Table
    columns: dict[tuple[str, bool], ColumnCell] = field(default_factory=dict[tuple[str, bool], ColumnCell])
    rules: dict[tuple[AnyOf, ...], RuleCell] = field(default_factory=dict[tuple[AnyOf, ...], RuleCell])
    pointed: dict[str, "PointedRead"] = field(default_factory=dict[str, "PointedRead"])
    lists: dict[Hashable, "ListRead"] = field(default_factory=dict[Hashable, "ListRead"])
    judged: JudgedCells | None = None
    """Cells of a row that is judged when it was read."""
    flat: "ListRead | None" = None
    """The list whose rows are joined: this row then comes once for each of them."""

    @property
    def present(self) -> ColumnCell:
        """Null where there is no such row."""
        return self.column("id", as_text=True)

    def column(self, name: str, *, as_text: bool = False) -> ColumnCell:
        key = name, as_text
        if key not in self.columns:
            self.columns[key] = ColumnCell(column=name, as_text=as_text)
        return self.columns[key]

    def rule(self, rules: tuple[AnyOf, ...]) -> RuleCell:
        if rules not in self.rules:
            self.rules[rules] = RuleCell(rules=rules)
        return self.rules[rules]

    def point(self, key: str, table: Table, seen: tuple[AnyOf, ...]) -> "RowRead":
        """The row of `table` whose id is this row's column `key`, where the rules `seen` hold for it."""
        if key not in self.pointed:
            self.pointed[key] = PointedRead(key, RowRead(table), seen)
        return self.pointed[key].row

    def list(self, wanted: "ListRead") -> "ListRead":
        """The list within this row; the same one where it is asked for with the same arguments again."""
        return self.lists.setdefault(wanted.identity, wanted)

    def cells(self) -> Iterator[Cell]:
        """In the order in which the statement gives them."""
        yield from self.columns.values()
        yield from self.rules.values()
        if self.judged is not None:
            yield from (self.judged.places, self.judged.in_own_systems)
        for one in self.pointed.values():
            yield from one.row.cells()
        for wanted in self.lists.values():
            if wanted.is_flat:
                yield from wanted.row.cells()
                continue
            yield wanted.rows
            if wanted.counted:
                yield wanted.count


@dataclass(frozen=True, slots=True)
class PointedRead:
    key: str
    row: RowRead
    seen: tuple[AnyOf, ...]


@dataclass(slots=True, eq=False)
class ListRead:
    """A page of rows within each row of another list. `first` and `after` are the page's own, read and checked.

    `rows` is the cell with the page's rows and one more, if there is one; `count` with how many there are in all, up
    to one above what is counted exactly.
    """

    row: RowRead
    found: Found
    key: str
    rule: AnyOf
    first: int
    after: str | None
    few: bool = False
    """Whether there are never many rows: then they may be read without a limit of their own."""
    counted: bool = False
    is_flat: bool = False
    rows: Cell = field(default_factory=Cell)
    count: Cell = field(default_factory=Cell)

    @property
    def identity(self) -> Hashable:
        return self.row.table.name, self.found, self.key, self.rule, self.first, self.after

    @property
    def order(self) -> Order:
        return self.row.table.order


def flatten(row: RowRead) -> None:
    """Joins the rows of the row's only list to it, where these are few: the cheapest way to read them."""
    if len(row.lists) == 1:
        (wanted,) = row.lists.values()
        if wanted.few and not wanted.counted and wanted.found is Found.BY_KEY:
            wanted.is_flat, row.flat = True, wanted


def lay_out(row: RowRead, start: int) -> int:
    """Give each cell its index, from `start` on; rows of lists start at 0 again. Returns the next free index."""
    at = start
    for cell in row.cells():
        cell.index = at
        at += 1
    for one in _rows_within(row):
        for wanted in one.lists.values():
            if wanted.is_flat:
                continue
            lay_out(wanted.row, 0)
    return at


def _rows_within(row: RowRead) -> Iterator[RowRead]:
    """The rows whose cells stand in the same record."""
    yield row
    for one in row.pointed.values():
        yield from _rows_within(one.row)
    if row.flat is not None:
        yield from _rows_within(row.flat.row)
