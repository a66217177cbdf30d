"""Rows of mapped types: from a selection to the cells that it reads, and to the code that projects them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLField, GraphQLObjectType
from graphql.execution.values import get_argument_values

from gateway.graphql.reads.code import Code, NotMappedError, literal, mapping
from gateway.graphql.reads.remembered_values import Project, completion
from gateway.graphql.reads.running import Denied, at_least, exact
from gateway.graphql.reads.selecting import Selected, Selecting
from gateway.graphql.reads.sight import Sight
from gateway.graphql.type_of import named_type_of, type_of
from policy.access import AccessMatch, AnyOf
from resolvers.pages import page_request
from schema.access_table import DEFINITION, AccessTable, FieldRules, in_common
from schema.guards import withheld_message
from schema.mapping import MAPPED, TABLE, FromColumn, FromColumns, ListedIn, PointedAt
from store.compile import read_position
from store.pages import PageRefusedError, write_cursor
from store.read_tree import ListRead, RowRead
from store.tables import Table

Expression = Callable[[], str]
"""Code for a value; asked for once the cells are laid out. In sight are `r` (the row), `run` and `p` (its path)."""
_TYPENAME: Final = "__typename"


@dataclass(slots=True)
class Page:
    """A connection's rows: how many of them the page shows, and whether it has a predecessor, as expressions."""

    row: RowRead
    type_: GraphQLObjectType
    known: tuple[AnyOf, ...]
    first: str
    has_previous: str
    count: Callable[[], str]
    """Code for the number of rows in all; asking for it makes the statement count."""


class RowCompiler:
    """Compiles the rows of one operation."""

    def __init__(self, selecting: Selecting, table: AccessTable, sight: Sight, code: Code) -> None:
        self.selecting = selecting
        self.table = table
        self.sight = sight
        self.code = code

    def row(
        self, read: RowRead, type_: GraphQLObjectType, fields: list[Selected], known: tuple[AnyOf, ...]
    ) -> Expression:
        """The function's name that projects one row. `known`: rules that hold for each of them."""
        parts = [(one.key, self.field(read, type_, one, known)) for one in fields]

        def name() -> str:
            display = mapping([(key, expression()) for key, expression in parts])
            return self.code.function("r, run, p", "run.objects += 1", f"return {display}")

        return _once(name)

    def field(
        self, read: RowRead, type_: GraphQLObjectType, selected: Selected, known: tuple[AnyOf, ...]
    ) -> Expression:
        if selected.name == _TYPENAME:
            return lambda: literal(type_.name)
        rules = self.table[type_.name, selected.name]
        if not self.sight.may_ever(rules.own):
            return self.denied(rules, selected)
        shown = self._shown(read, type_.fields[selected.name], selected, rules)
        open_rules = () if rules.is_connection else self.unknown(rules.own, known)
        if not open_rules:
            return shown
        cell, refused = read.rule(open_rules), self.denied(rules, selected)
        return lambda: f"({shown()} if r[{cell.index}] else {refused()})"

    def unknown(self, rules: tuple[AnyOf, ...], known: tuple[AnyOf, ...]) -> tuple[AnyOf, ...]:
        """Those of the rules that must be looked at for each row."""
        left = tuple(one for one in rules if not self.sight.implied(one, known))
        if any(one.match is AccessMatch.ALL for any_of in left for one in any_of):
            raise NotMappedError("A rule over all of a row's places is judged row by row.")
        return left

    def denied(self, rules: FieldRules, selected: Selected) -> Expression:
        """Null, and an error at the field's path."""
        name = self.code.refer(Denied(withheld_message(rules), selected.nodes))
        return lambda: f"run.deny({name}, p + ({literal(selected.key)},))"

    def pages(self, page: Page, connection: GraphQLObjectType, selected: Selected, *, more: str = "") -> Expression:
        """The function's name that projects a connection from its list of rows `r`; `more`: further parameters."""
        parts = [
            (one.key, self._of_connection(page, connection, one)) for one in self.selecting.within(connection, selected)
        ]

        def name() -> str:
            display = mapping([(key, expression()) for key, expression in parts])
            return self.code.function(
                f"r, run, p, count{more}", "run.objects += 1", f"rows = r[:{page.first}]", f"return {display}"
            )

        return _once(name)

    def _of_connection(self, page: Page, connection: GraphQLObjectType, selected: Selected) -> Expression:
        match selected.name:
            case "__typename":
                return lambda: literal(connection.name)
            case "nodes":
                row = self._rows(page, selected)
                key = literal(selected.key)
                return lambda: f"[{row()}(x, run, p + ({key}, i)) for i, x in enumerate(rows)]"
            case "edges":
                return self._edges(page, connection, selected)
            case "pageInfo":
                return self._page_info(page, connection, selected)
            case "totalCount":
                count, name = page.count(), self.code.refer(exact)
                return lambda: f"{name}({count})"
            case "totalCountAtLeast":
                count, name = page.count(), self.code.refer(at_least)
                return lambda: f"{name}({count})"
            case _:
                raise NotMappedError(selected.name)

    def _rows(self, page: Page, selected: Selected) -> Expression:
        return self.row(page.row, page.type_, self.selecting.within(page.type_, selected), page.known)

    def _edges(self, page: Page, connection: GraphQLObjectType, selected: Selected) -> Expression:
        edge = named_type_of(connection.fields["edges"])
        if not isinstance(edge, GraphQLObjectType):
            raise NotMappedError(str(edge))
        parts: list[tuple[str, Expression]] = []
        for one in self.selecting.within(edge, selected):
            match one.name:
                case "__typename":
                    parts.append((one.key, _constant(literal(edge.name))))
                case "cursor":
                    parts.append((one.key, self._cursor(page, "x")))
                case "node":
                    row = self._rows(page, one)
                    place = f"p + ({literal(selected.key)}, i, {literal(one.key)})"
                    parts.append((one.key, _call(row, "x", place)))
                case _:
                    raise NotMappedError(one.name)

        def edges() -> str:
            display = mapping([(key, expression()) for key, expression in parts])
            return f"[{display} for i, x in enumerate(run.tell(rows))]"

        return edges

    def _page_info(self, page: Page, connection: GraphQLObjectType, selected: Selected) -> Expression:
        type_ = named_type_of(connection.fields["pageInfo"])
        if not isinstance(type_, GraphQLObjectType):
            raise NotMappedError(str(type_))
        ends = {"startCursor": self._cursor(page, "rows[0]"), "endCursor": self._cursor(page, "rows[-1]")}
        simple = {
            _TYPENAME: literal(type_.name),
            "hasNextPage": f"len(r) > {page.first}",
            "hasPreviousPage": page.has_previous,
        }
        parts: list[tuple[str, Expression]] = []
        for one in self.selecting.within(type_, selected):
            if one.name in simple:
                parts.append((one.key, _constant(simple[one.name])))
            else:
                parts.append((one.key, _if_any(ends[one.name])))
        return lambda: f"run.told({mapping([(key, expression()) for key, expression in parts])})"

    def _cursor(self, page: Page, row: str) -> Expression:
        table = page.row.table
        cells = [page.row.column(part.column, as_text=part.kind == "uuid") for part in table.order.parts]
        write, kind = self.code.refer(write_cursor), repr(table.rows.value)
        return lambda: f"{write}({kind}, {', '.join(f'{row}[{cell.index}]' for cell in cells)})"

    def _shown(self, read: RowRead, field: GraphQLField, selected: Selected, rules: FieldRules) -> Expression:
        match mapped_of(field):
            case FromColumn(column):
                return self._column(read, field, column)
            case FromColumns(columns, compute):
                return self._computed(read, field, selected, columns, compute)
            case PointedAt(column):
                return self._pointed(read, field, selected, rules, column)
            case ListedIn() as listed:
                return self._listed(read, field, selected, rules, listed)
            case _:
                raise NotMappedError(f"{rules.type_name}.{selected.name}")

    def _column(self, read: RowRead, field: GraphQLField, column: str) -> Expression:
        type_ = named_type_of(field)
        cell = read.column(column, as_text=type_.name == "ID")
        if isinstance(type_, GraphQLEnumType):
            names = self.code.refer(names_of(type_))
            return lambda: f"{names}[r[{cell.index}]]"
        if type_.name in ("Date", "DateTime"):
            write = self.code.refer(written_date)
            return lambda: f"{write}(r[{cell.index}])"
        return lambda: f"r[{cell.index}]"

    def _computed(
        self, read: RowRead, field: GraphQLField, selected: Selected, columns: tuple[str, ...], compute: Any
    ) -> Expression:
        cells = [read.column(one) for one in columns]
        project: Project = completion(self.selecting, self.table, type_of(field), selected)
        given = f"{self.code.refer(project)}, {self.code.refer(compute)}"
        return lambda: f"run.remembered({given}, {', '.join(f'r[{cell.index}]' for cell in cells)})"

    def _pointed(
        self, read: RowRead, field: GraphQLField, selected: Selected, rules: FieldRules, column: str
    ) -> Expression:
        type_, table = table_of(field)
        if not self.sight.may_ever(rules.result):
            return _constant("None")
        inner = read.point(column, table, self.unknown(rules.result, ()))
        row = self.row(inner, type_, self.selecting.within(type_, selected), rules.result)
        present = inner.present
        place = f"p + ({literal(selected.key)},)"
        return lambda: f"(None if r[{present.index}] is None else {row()}(r, run, {place}))"

    def _listed(
        self, read: RowRead, field: GraphQLField, selected: Selected, rules: FieldRules, listed: ListedIn
    ) -> Expression:
        connection = named_type_of(field)
        if not isinstance(connection, GraphQLObjectType):
            raise NotMappedError(str(connection))
        type_, table = table_of(connection.fields["nodes"])
        rule = in_common((*rules.own, *rules.result))
        wanted = read.list(self._wanted(field, selected, table, rule, listed))
        return self._nested(wanted, type_, connection, selected)

    def _nested(
        self, wanted: ListRead, type_: GraphQLObjectType, connection: GraphQLObjectType, selected: Selected
    ) -> Expression:
        def count() -> str:
            wanted.counted = True
            return "count"

        has_previous = str(wanted.after is not None)
        page = Page(wanted.row, type_, (wanted.rule,), str(wanted.first), has_previous, count)
        shown = self.pages(page, connection, selected)
        place = f"p + ({literal(selected.key)},)"

        def expression() -> str:
            counted = f"r[{wanted.count.index}]" if wanted.counted else "None"
            return f"{shown()}(r[{wanted.rows.index}] or (), run, {place}, {counted})"

        return expression

    def _wanted(self, field: GraphQLField, selected: Selected, table: Table, rule: AnyOf, listed: ListedIn) -> ListRead:
        given = get_argument_values(field, selected.node, self.selecting.values)
        try:
            request = page_request(given.get("first"), given.get("after"))
            read_position(table, request.after)
        except PageRefusedError as refused:
            raise NotMappedError(str(refused)) from refused  # an error for each row: the other executor says it
        return ListRead(RowRead(table), listed.found, listed.key, rule, request.first, request.after)


def mapped_of(field: GraphQLField) -> object:
    """The field's mapping; None where it has none."""
    metadata: dict[str, Any] = getattr(field.extensions.get(DEFINITION), "metadata", None) or {}
    return metadata.get(MAPPED)


def table_of(field: GraphQLField) -> tuple[GraphQLObjectType, Table]:
    """The type that a field answers with, and its table. Raises NotMappedError where it has none."""
    type_ = named_type_of(field)
    table = getattr(getattr(type_.extensions.get(DEFINITION), "origin", None), TABLE, None)
    if not isinstance(type_, GraphQLObjectType) or not isinstance(table, Table):
        raise NotMappedError(str(type_))
    return type_, table


def names_of(type_: GraphQLEnumType) -> dict[str | None, str | None]:
    """The names of an enum by the values that its members have in the database."""
    found: dict[str | None, str | None] = {None: None}
    for name, one in type_.values.items():
        value = one.value
        found[str(value.value if isinstance(value, Enum) else value)] = name
    return found


def written_date(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _constant(text: str) -> Expression:
    return lambda: text


def _call(function: Expression, row: str, path: str) -> Expression:
    return lambda: f"{function()}({row}, run, {path})"


def _if_any(expression: Expression) -> Expression:
    return lambda: f"({expression()} if rows else None)"


def _once(make: Callable[[], str]) -> Expression:
    made: list[str] = []

    def name() -> str:
        if not made:
            made.append(make())
        return made[0]

    return name
