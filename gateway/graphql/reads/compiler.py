"""Compiles an operation for a kind of caller: its statements, and the one function that projects their rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import GraphQLObjectType
from graphql.execution.values import get_argument_values

from gateway.graphql.reads.code import Code, NotMappedError, literal
from gateway.graphql.reads.connections import Page
from gateway.graphql.reads.expressions import Expression, constant, displayed
from gateway.graphql.reads.remembered_values import Context, completion, field_projection
from gateway.graphql.reads.roots import (
    RootField,
    RootStatement,
    callers_statement,
    page_statement,
    row_statement,
)
from gateway.graphql.reads.rows import RowCompiler, mapped_of, table_of
from gateway.graphql.reads.running import grouped
from gateway.graphql.reads.selecting import Selected, Selecting
from gateway.graphql.reads.sight import Sight
from gateway.graphql.type_of import named_type_of, type_of
from resolvers.asking import Asking
from schema.access_table import DEFINITION, in_common
from schema.build import BuiltSchema
from schema.mapping import CallersOwn, FromMemory, PageOf, RowOf
from store.compile import FIRST_CELL
from store.read_tree import RowRead, flatten, lay_out

_TYPENAME: Final = "__typename"
_FOUND: Final = FIRST_CELL - 1


@dataclass(frozen=True, slots=True)
class CompiledRead:
    """`project(results, bounds, run)` gives the answer's data; `results` in the order of `statements`."""

    statements: tuple[RootStatement, ...]
    project: Callable[..., dict[str, Any]]


def compile_read(schema: BuiltSchema, selecting: Selecting, sight: Sight) -> CompiledRead:
    """Raises NotMappedError where a part of the operation isn't a mapped read."""
    return _RootCompiler(schema, selecting, sight).compiled()


class _RootCompiler:
    def __init__(self, schema: BuiltSchema, selecting: Selecting, sight: Sight) -> None:
        self._schema = schema
        self._selecting = selecting
        self._sight = sight
        self._code = Code()
        self._rows = RowCompiler(selecting, schema.access, sight, self._code)
        self._statements: list[RootStatement] = []

    def compiled(self) -> CompiledRead:
        query = cast("GraphQLObjectType", self._schema.graphql.query_type)
        parts = [(one.key, self._root(query, one)) for one in self._selecting.roots(query)]
        for statement in self._statements:
            if statement.is_page:
                flatten(statement.row)
            lay_out(statement.row, FIRST_CELL)
        main = self._code.function("results, bounds, run", "p = ()", f"return {displayed(parts).code()}")
        return CompiledRead(tuple(self._statements), self._code.compiled(main))

    def _root(self, query: GraphQLObjectType, selected: Selected) -> Expression:
        if selected.name == _TYPENAME:
            return constant(literal(query.name))
        if selected.name.startswith("__"):
            raise NotMappedError(selected.name)
        field = query.fields[selected.name]
        rules = self._schema.access[query.name, selected.name]
        if not self._sight.may_ever(rules.own):
            get_argument_values(field, selected.node, self._selecting.values)
            return self._rows.denied(rules, selected)
        root = RootField(selected, field, rules, self._sight, self._schema.arguments)
        match mapped_of(field):
            case PageOf(table):
                return self._page(root, RowRead(table))
            case RowOf(table):
                return self._row(root, RowRead(table))
            case FromMemory():
                return self._memory(root)
            case _:
                raise NotMappedError(selected.name)

    def _page(self, root: RootField, row: RowRead) -> Expression:
        connection = named_type_of(root.field)
        if not isinstance(connection, GraphQLObjectType):
            raise NotMappedError(root.selected.name)
        type_, _ = table_of(connection.fields["nodes"])
        statement = page_statement(root, row)
        at = self._place(statement)

        def count() -> str:
            statement.counted = True
            return "count"

        known = (in_common((*root.rules.own, *root.rules.result)),)
        page = Page(row, type_, known, "first", "before", count)
        shown = self._rows.connections.pages(page, connection, root.selected, more=", first, before")
        present, key = row.present, literal(root.selected.key)

        def code() -> str:
            rows = f"results[{at}]"
            if row.flat is not None:
                rows = f"{self._code.refer(grouped)}(results[{at}], {present.index})"
            rows = f"{rows} if results[{at}][0][{present.index}] is not None else ()"
            request = f"bounds[{at}].first, bounds[{at}].behind"
            return f"{shown.code()}({rows}, run, ({key},), results[{at}][0][{_FOUND}], {request})"

        return Expression(code)

    def _row(self, root: RootField, row: RowRead) -> Expression:
        type_, _ = table_of(root.field)
        return self._one(row_statement(root, row), type_, root.selected, root.rules.result)

    def _one(
        self, statement: RootStatement, type_: GraphQLObjectType, selected: Selected, known: tuple[Any, ...]
    ) -> Expression:
        at = self._place(statement)
        row = self._rows.row(statement.row, type_, self._selecting.within(type_, selected), known)
        present, key = statement.row.present, literal(selected.key)
        found = f"results[{at}][0]"

        def code() -> str:
            shown = self._code.function("r, run, p", f"run.objects += {1 + row.objects}", f"return {row.code()}")
            return f"({shown}({found}, run, p + ({key},)) if {found}[{present.index}] is not None else None)"

        return Expression(code)

    def _memory(self, root: RootField) -> Expression:
        """A root whose value is in memory; of its object, single fields may be rows."""
        type_ = named_type_of(root.field)
        resolve = self._code.refer(self._resolution(root))
        if not isinstance(type_, GraphQLObjectType) or not self._has_rows(type_):
            project = completion(self._selecting, self._schema.access, type_of(root.field), root.selected)
            shown = self._code.refer(project)
            return Expression(lambda: f"{shown}({resolve}(run.asking), run.asking, run)")
        fields = self._selecting.within(type_, root.selected)
        parts = [(one.key, self._of_memory(type_, one)) for one in fields]
        key = literal(root.selected.key)

        def code() -> str:
            display = displayed(parts)
            shown = self._code.function(
                "r, results, run, p", f"run.objects += {1 + display.objects}", f"return {display.code()}"
            )
            whole = self._code.function(
                "results, run, p", f"r = {resolve}(run.asking)",
                f"return None if r is None else {shown}(r, results, run, p)",
            )  # fmt: skip
            return f"{whole}(results, run, ({key},))"

        return Expression(code)

    def _has_rows(self, type_: GraphQLObjectType) -> bool:
        return any(isinstance(mapped_of(field), CallersOwn) for field in type_.fields.values())

    def _of_memory(self, type_: GraphQLObjectType, selected: Selected) -> Expression:
        field = type_.fields.get(selected.name)
        mapped = mapped_of(field) if field is not None else None
        if field is not None and isinstance(mapped, CallersOwn):
            rules = self._schema.access[type_.name, selected.name].result
            row_type, _ = table_of(field)
            return self._one(callers_statement(RowRead(mapped.table), rules), row_type, selected, rules)
        project = self._code.refer(field_projection(self._selecting, self._schema.access, type_, selected))
        return Expression(lambda: f"{project}(r, run.asking, run)")

    def _resolution(self, root: RootField) -> Callable[[Asking], Any]:
        """The root's own resolver, with the arguments that the plan's variables give."""
        function = root.field.extensions[DEFINITION].base_resolver.wrapped_func
        given, _ = root.given(self._selecting.values)

        def resolve(asking: Asking) -> Any:
            return function(info=Context(asking), **given)

        return resolve

    def _place(self, statement: RootStatement) -> int:
        self._statements.append(statement)
        return len(self._statements) - 1
