"""Rows of mapped tables, read for what isn't compiled: by id or name, in pages, and in lists of many rows at once.

Each list is filtered by its rule here, and each row comes with what a rule needs to judge it again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from policy.access import AnyOf, Subject
from store.compile import FIRST_CELL, OneRow, Page, Reference, Sought, compose, compose_count
from store.compile_rows import Asked, RowComposer, read_position
from store.connection import Connection, Row
from store.pages import PageRequest, count_of, write_cursor
from store.placing import judged_columns, subject_of
from store.read_tree import JudgedCells, ListRead, RowRead, lay_out
from store.records import Count
from store.records import Page as PageOf
from store.tables import Found, Table

_JUST_ONE: Final = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of a table, with these of its columns."""

    table: Table
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MappedRow:
    """A row of a table. `subject`: what the access rules judge it by."""

    table: Table
    values: Mapping[str, Any]
    subject: Subject

    @property
    def id(self) -> UUID:
        return self["id"]

    def __getitem__(self, column: str) -> Any:
        """The value of a column that was asked for. Raises KeyError."""
        return self.values[column]


Rows = PageOf[MappedRow]


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows that lie within another row: how they are found, and the rule that holds for each of them."""

    found: Found
    key: str
    rule: AnyOf


async def rows_by_ids(connection: Connection, asked: Asked, kind: Kind, ids: Collection[UUID]) -> dict[UUID, MappedRow]:
    """Those that exist, in one statement."""
    reader = _Reader(kind)
    composer = RowComposer(asked)
    t = composer.alias(kind.table)
    cells, _ = composer.row(reader.row, t)
    wanted, seen = composer.parameters.add(list(ids), "uuid[]"), composer.seen(kind.table, t, ())
    text = composer.finished("several", cells=", ".join(cells), table=kind.table.name, t=t, ids=wanted, seen=seen)
    rows = [reader.read(found) for found in await connection.fetch(text, *composer.parameters.values)]
    return {row.id: row for row in rows}


async def row_by_reference(connection: Connection, asked: Asked, kind: Kind, by: Reference) -> MappedRow | None:
    reader = _Reader(kind, FIRST_CELL)
    composed = compose(OneRow(reader.row, by, ()), asked, None)
    (found,) = await connection.fetch(composed.text, *composed.one(by))
    return reader.read(found) if reader.is_row(found) else None


async def page_of_rows(
    connection: Connection, asked: Asked, kind: Kind, rule: AnyOf, sought: Sought, request: PageRequest
) -> Rows:
    """A page of those that are sought and for which the rule holds, by name. One statement. Raises PageRefusedError."""
    after = cast("tuple[str, UUID]", read_position(kind.table, request.after))
    reader = _Reader(kind, FIRST_CELL)
    composed = compose(Page(reader.row, rule, sought), asked, None)
    found = await connection.fetch(composed.text, *composed.page(request.first, after))
    return reader.page([one for one in found if reader.is_row(one)], request)


async def count_rows(connection: Connection, asked: Asked, rule: AnyOf, sought: Sought) -> Count:
    """How many rows the page's list holds in all. One statement."""
    composed = compose_count(rule, sought, asked)
    return count_of(await connection.fetchval(composed.text, *composed.values))


async def rows_within(
    connection: Connection, asked: Asked, kind: Kind, listed: Listed, parents: Collection[UUID], request: PageRequest
) -> dict[UUID, Rows]:
    """For each of the parents, a page of the rows that lie within it. One statement for all of them.

    Raises PageRefusedError.
    """
    reader = _Reader(kind)
    composer = RowComposer(asked)
    wanted = _list_read(reader.row, listed, request)
    join = composer.list_within(wanted, "w", "l")
    ids = composer.parameters.add(list(parents), "uuid[]")
    text = composer.finished("within", parents=ids, join=join)
    rows = await connection.fetch(text, *composer.parameters.values)
    return {row["parent"]: reader.page(row["rows"] or (), request) for row in rows}


async def count_within(
    connection: Connection, asked: Asked, table: Table, listed: Listed, parents: Collection[UUID]
) -> dict[UUID, Count]:
    """For each of the parents, how many rows lie within it. One statement for all of them."""
    composer = RowComposer(asked)
    count = composer.count_within(_list_read(RowRead(table), listed, PageRequest(_JUST_ONE)), "w")
    ids = composer.parameters.add(list(parents), "uuid[]")
    text = composer.finished("counts_within", parents=ids, count=count)
    rows = await connection.fetch(text, *composer.parameters.values)
    return {row["parent"]: count_of(row["found"]) for row in rows}


def _list_read(row: RowRead, listed: Listed, request: PageRequest) -> ListRead:
    return ListRead(row, listed.found, listed.key, listed.rule, request.first, request.after)


class _Reader:
    """The cells of one kind of row, and how its rows are read back from them."""

    def __init__(self, kind: Kind, start: int = 0) -> None:
        table = kind.table
        order = (part.column for part in table.order.parts)
        names = dict.fromkeys(("id", *kind.columns, *order, *judged_columns(table.rows)))
        self._table = table
        self._judged = JudgedCells()
        self.row = RowRead(table, judged=self._judged)
        self._columns = {name: self.row.column(name) for name in names}
        lay_out(self.row, start)

    def is_row(self, found: Row) -> bool:
        """Whether there is a row; else the statement has given its mark and count alone."""
        return found[self._columns["id"].index] is not None

    def read(self, found: Row) -> MappedRow:
        values = {name: found[cell.index] for name, cell in self._columns.items()}
        places, own = found[self._judged.places.index], found[self._judged.in_own_systems.index]
        return MappedRow(self._table, values, subject_of(self._table.rows, values, places, in_own_systems=bool(own)))

    def page(self, found: Sequence[Row], request: PageRequest) -> Rows:
        """A page from up to `first + 1` rows: the one too many says that there is a next page."""
        rows = tuple(self.read(one) for one in found[: request.first])
        return PageOf(
            rows,
            tuple(self._cursor(row) for row in rows),
            has_next=len(found) > request.first,
            has_previous=request.after is not None,
        )

    def _cursor(self, row: MappedRow) -> str:
        table = self._table
        return write_cursor(table.rows.value, *(str(row[part.column]) for part in table.order.parts))
