"""Connections: from a selection on a page of rows to the code that projects it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLObjectType

from gateway.graphql.reads.code import Code, NotMappedError, literal
from gateway.graphql.reads.expressions import Expression, constant, displayed, once
from gateway.graphql.reads.running import at_least, exact
from gateway.graphql.reads.selecting import Selected, Selecting
from gateway.graphql.type_of import named_type_of
from policy.access import AnyOf
from store.pages import write_cursor
from store.read_tree import RowRead

_TYPENAME: Final = "__typename"
ProjectRow = Callable[[RowRead, GraphQLObjectType, list[Selected], tuple[AnyOf, ...]], Expression]


@dataclass(slots=True)
class Page:
    """A connection's rows: how many of them the page shows, and whether it has a predecessor, as code."""

    row: RowRead
    type_: GraphQLObjectType
    known: tuple[AnyOf, ...]
    first: str
    has_previous: str
    count: Callable[[], str]
    """Code for the number of rows in all; asking for it makes the statement count."""

    def row_of(self, item: str) -> str:
        """Code that takes the row from an item of the list: where a list within is flat, items are its rows."""
        return f"{item}[0]" if self.row.flat is not None else item


class ConnectionCompiler:
    """Compiles the connections of one operation; `row` compiles their rows."""

    def __init__(self, selecting: Selecting, code: Code, row: ProjectRow) -> None:
        self.selecting = selecting
        self.code = code
        self._row = row

    def pages(self, page: Page, connection: GraphQLObjectType, selected: Selected, *, more: str = "") -> Expression:
        """The name of the function that projects a connection from its list of rows; `more`: further parameters."""
        parts = [
            (one.key, self._of_connection(page, connection, one)) for one in self.selecting.within(connection, selected)
        ]
        shown = displayed(parts)

        def name() -> str:
            return self.code.function(
                f"rows, run, p, count{more}",
                f"run.objects += {1 + shown.objects}",
                f"has_next = len(rows) > {page.first}",
                "if has_next:",
                f"    rows = rows[:{page.first}]",
                f"return {shown.code()}",
            )

        return Expression(once(name), shown.denies)

    def _of_connection(self, page: Page, connection: GraphQLObjectType, selected: Selected) -> Expression:
        match selected.name:
            case "__typename":
                return constant(literal(connection.name))
            case "nodes":
                return self._each(page, self._rows(page, selected), f"({literal(selected.key)}, i)")
            case "edges":
                return self._edges(page, connection, selected)
            case "pageInfo":
                return self._page_info(page, connection, selected)
            case "totalCount":
                return _counted(self.code.refer(exact), page)
            case "totalCountAtLeast":
                return _counted(self.code.refer(at_least), page)
            case _:
                raise NotMappedError(selected.name)

    def _rows(self, page: Page, selected: Selected) -> Expression:
        return self._row(page.row, page.type_, self.selecting.within(page.type_, selected), page.known)

    def _each(self, page: Page, row: Expression, place: str) -> Expression:
        """The rows of a page, each as `row` shows it: in place, or by a function where something may be denied."""
        rows = f"run.tell(rows, {1 + row.objects})"

        def code() -> str:
            if row.denies:
                one = self.code.function("r, run, p, g", f"return {row.code()}")
                return f"[{one}({page.row_of('x')}, run, p + {place}, x) for i, x in enumerate({rows})]"
            if page.row.flat is not None:
                return f"[{row.code()} for g in {rows} for r in (g[0],)]"
            return f"[{row.code()} for r in {rows}]"

        return Expression(code, row.denies)

    def _edges(self, page: Page, connection: GraphQLObjectType, selected: Selected) -> Expression:
        edge = named_type_of(connection.fields["edges"])
        if not isinstance(edge, GraphQLObjectType):
            raise NotMappedError(str(edge))
        parts: list[tuple[str, Expression]] = []
        for one in self.selecting.within(edge, selected):
            match one.name:
                case "__typename":
                    parts.append((one.key, constant(literal(edge.name))))
                case "cursor":
                    parts.append((one.key, self._cursor(page, "r")))
                case "node":
                    parts.append((one.key, self._node(self._rows(page, one), literal(one.key))))
                case _:
                    raise NotMappedError(one.name)
        return self._each(page, displayed(parts), f"({literal(selected.key)}, i)")

    def _node(self, row: Expression, key: str) -> Expression:
        """The row of an edge."""

        def code() -> str:
            if not row.denies:
                return row.code()
            one = self.code.function("r, run, p, g", f"return {row.code()}")
            return f"{one}(r, run, p + ({key},), g)"

        return Expression(code, row.denies, 1 + row.objects)

    def _page_info(self, page: Page, connection: GraphQLObjectType, selected: Selected) -> Expression:
        type_ = named_type_of(connection.fields["pageInfo"])
        if not isinstance(type_, GraphQLObjectType):
            raise NotMappedError(str(type_))
        simple = {_TYPENAME: literal(type_.name), "hasNextPage": "has_next", "hasPreviousPage": page.has_previous}
        places = {"startCursor": 0, "endCursor": -1}
        parts: list[tuple[str, Expression]] = []
        for one in self.selecting.within(type_, selected):
            if one.name in simple:
                parts.append((one.key, constant(simple[one.name])))
            else:
                parts.append((one.key, self._end(page, places[one.name])))
        return Expression(displayed(parts).code, objects=1)

    def _end(self, page: Page, at: int) -> Expression:
        """The cursor of the page's first or last row."""
        cursor = self._cursor(page, "r")

        def code() -> str:
            name = self.code.function("r", f"return {cursor.code()}")
            return f"({name}({page.row_of(f'rows[{at}]')}) if rows else None)"

        return Expression(code)

    def _cursor(self, page: Page, row: str) -> Expression:
        table = page.row.table
        cells = [page.row.column(part.column, as_text=part.kind == "uuid") for part in table.order.parts]
        write, kind = self.code.refer(write_cursor), repr(table.rows.value)
        return Expression(lambda: f"{write}({kind}, {', '.join(f'{row}[{cell.index}]' for cell in cells)})")


def _counted(name: str, page: Page) -> Expression:
    count = page.count()
    return Expression(lambda: f"{name}({count})")
