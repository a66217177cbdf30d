"""Rows of mapped types: from a selection to the cells that it reads, and to the code that projects them."""

from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLField, GraphQLObjectType, GraphQLScalarType
from graphql.execution.values import get_argument_values

from gateway.graphql.reads.code import Code, NotMappedError, literal
from gateway.graphql.reads.connections import ConnectionCompiler, Page
from gateway.graphql.reads.expressions import Expression, constant, displayed
from gateway.graphql.reads.remembered_values import Project, completion
from gateway.graphql.reads.running import Denied
from gateway.graphql.reads.selecting import Selected, Selecting
from gateway.graphql.reads.sight import Sight
from gateway.graphql.type_of import named_type_of, type_of
from policy.access import AccessMatch, AnyOf
from resolvers.pages import page_request
from schema.access_table import DEFINITION, AccessTable, FieldRules, in_common
from schema.guards import withheld_message
from schema.mapping import FromColumn, FromColumns, ListedIn, PointedAt, mapping_of
from schema.mapping import table_of as mapped_table
from store.compile_rows import read_position
from store.pages import PageRefusedError
from store.read_tree import ListRead, RowRead
from store.tables import Table

_TYPENAME: Final = "__typename"


class RowCompiler:
    """Compiles the rows of one operation."""

    def __init__(self, selecting: Selecting, table: AccessTable, sight: Sight, code: Code) -> None:
        self.selecting = selecting
        self.table = table
        self.sight = sight
        self.code = code
        self.connections = ConnectionCompiler(selecting, code, self.row)

    def row(
        self, read: RowRead, type_: GraphQLObjectType, fields: list[Selected], known: tuple[AnyOf, ...]
    ) -> Expression:
        """One row. It doesn't count itself as an object."""
        parts = [(one.key, self.field(read, type_, one, known)) for one in fields]
        return displayed(parts)

    def field(
        self, read: RowRead, type_: GraphQLObjectType, selected: Selected, known: tuple[AnyOf, ...]
    ) -> Expression:
        if selected.name == _TYPENAME:
            return constant(literal(type_.name))
        rules = self.table[type_.name, selected.name]
        if not self.sight.may_ever(rules.own):
            return self.denied(rules, selected)
        shown = self._shown(read, type_.fields[selected.name], selected, rules)
        open_rules = () if rules.is_connection else self.unknown(rules.own, known)
        if not open_rules:
            return shown
        cell, refused = read.rule(open_rules), self.denied(rules, selected)
        return Expression(
            lambda: f"(run.add({shown.objects}, {shown.code()}) if r[{cell.index}] else {refused.code()})", denies=True
        )

    def unknown(self, rules: tuple[AnyOf, ...], known: tuple[AnyOf, ...]) -> tuple[AnyOf, ...]:
        """Those of the rules that must be looked at for each row."""
        left = tuple(one for one in rules if not self.sight.implied(one, known))
        if any(one.match is AccessMatch.ALL for any_of in left for one in any_of):
            raise NotMappedError("A rule over all of a row's places is judged row by row.")
        return left

    def denied(self, rules: FieldRules, selected: Selected) -> Expression:
        """Null, and an error at the field's path."""
        name = self.code.refer(Denied(withheld_message(rules), selected.nodes))
        return Expression(lambda: f"run.deny({name}, p + ({literal(selected.key)},))", denies=True)

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
            return Expression(lambda: f"{names}[r[{cell.index}]]")
        if type_.name in ("Date", "DateTime"):
            write = self.code.refer(written_date)
            return Expression(lambda: f"{write}(r[{cell.index}])")
        return Expression(lambda: f"r[{cell.index}]")

    def _computed(
        self, read: RowRead, field: GraphQLField, selected: Selected, columns: tuple[str, ...], compute: Any
    ) -> Expression:
        cells = [read.column(one) for one in columns]
        project: Project = completion(self.selecting, self.table, type_of(field), selected)
        given = f"{self.code.refer(project)}, {self.code.refer(compute)}"
        key = lambda: "".join(f"r[{cell.index}], " for cell in cells)  # noqa: E731 - known once the cells are laid out
        memo = self.code.memo()
        if not self._is_single(type_of(field), selected):
            return Expression(lambda: f"run.remembered({memo}, {given}, ({key()}))")
        objects = 0 if selected.node.selection_set is None else 1
        return Expression(
            lambda: f"({memo}[k] if (k := ({key()})) in {memo} else run.remember({memo}, {given}, k, {objects}))",
            objects=objects,
        )

    def _is_single(self, type_: Any, selected: Selected) -> bool:
        """Whether the value is a leaf, or one object of leaves."""
        if not isinstance(type_, GraphQLObjectType):
            return selected.node.selection_set is None
        fields = (type_.fields.get(one.name) for one in self.selecting.within(type_, selected))
        return all(one is None or isinstance(type_of(one), GraphQLScalarType | GraphQLEnumType) for one in fields)

    def _pointed(
        self, read: RowRead, field: GraphQLField, selected: Selected, rules: FieldRules, column: str
    ) -> Expression:
        type_, table = table_of(field)
        if not self.sight.may_ever(rules.result):
            return constant("None")
        inner = read.point(column, table, self.unknown(rules.result, ()))
        row = self.row(inner, type_, self.selecting.within(type_, selected), rules.result)
        present, place, objects = inner.present, f"p + ({literal(selected.key)},)", 1 + row.objects

        def code() -> str:
            shown = row.code()
            if row.denies:
                shown = f"{self.code.function('r, run, p', f'return {shown}')}(r, run, {place})"
            return f"({shown} if r[{present.index}] is not None else run.absent({objects}))"

        return Expression(code, row.denies, objects)

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

        _ = wanted.row.present  # a row without any cell is no row
        has_previous = str(wanted.after is not None)
        page = Page(wanted.row, type_, (wanted.rule,), str(wanted.first), has_previous, count)
        shown = self.connections.pages(page, connection, selected)
        place = f"p + ({literal(selected.key)},)" if shown.denies else "p"

        def code() -> str:
            counted = f"r[{wanted.count.index}]" if wanted.counted else "None"
            rows = f"r[{wanted.rows.index}] or ()"
            if wanted.is_flat:
                rows = f"g if r[{wanted.row.present.index}] is not None else ()"
            return f"{shown.code()}({rows}, run, {place}, {counted})"

        return Expression(code, shown.denies)

    def _wanted(self, field: GraphQLField, selected: Selected, table: Table, rule: AnyOf, listed: ListedIn) -> ListRead:
        given = get_argument_values(field, selected.node, self.selecting.values)
        try:
            request = page_request(given.get("first"), given.get("after"))
            read_position(table, request.after)
        except PageRefusedError as refused:
            raise NotMappedError(str(refused)) from refused  # an error for each row: the other executor says it
        return ListRead(RowRead(table), listed.found, listed.key, rule, request.first, request.after, few=listed.few)


def mapped_of(field: GraphQLField) -> object:
    """The field's mapping; None where it has none."""
    return mapping_of(field.extensions.get(DEFINITION))


def table_of(field: GraphQLField) -> tuple[GraphQLObjectType, Table]:
    """The type that a field answers with, and its table. Raises NotMappedError where it has none."""
    type_ = named_type_of(field)
    table = mapped_table(getattr(type_.extensions.get(DEFINITION), "origin", None))
    if not isinstance(type_, GraphQLObjectType) or table is None:
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
