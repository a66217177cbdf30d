"""Root fields: the statement that each of them needs, bound to the arguments of a request."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from graphql import GraphQLError, GraphQLField
from graphql.execution.values import VariableValues, get_argument_values

from gateway.graphql.reads.code import NotMappedError
from gateway.graphql.reads.selecting import NO_VALUES, Selected
from gateway.graphql.reads.sight import Sight
from policy.access import AnyOf
from policy.ids import UserId
from resolvers.pages import page_request
from resolvers.references import named_by
from resolvers.wanted import sought_of
from schema.access_table import FieldRules, in_common
from schema.guards import given_rules
from store.compile import ById, Composed, OneRow, Page, compose
from store.compile_rows import Asked, read_position
from store.marks import Mark
from store.pages import PageRefusedError
from store.read_tree import RowRead

Arguments = Callable[[GraphQLField, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement with the arguments of one request. `pattern`: what its text, for one caller, depends on."""

    wanted: OneRow | Page
    pattern: Hashable
    first: int = 0
    after: tuple[str, UUID] = ("", UUID(int=0))
    behind: bool = False
    """Whether the page starts behind a cursor."""

    def composed(self, asked: Asked, mark: Mark) -> Composed:
        return compose(self.wanted, asked, mark)

    def values(self, composed: Composed) -> tuple[object, ...]:
        if isinstance(self.wanted, Page):
            return composed.page(self.first, self.after)
        return composed.one(self.wanted.by)


@dataclass(slots=True, eq=False)
class RootStatement:
    """One statement of an operation. `counted` is known once the projection was compiled."""

    row: RowRead
    bind: Callable[[VariableValues, UserId | None], Bound]
    is_page: bool = False
    counted: bool = False
    constant: Bound | None = None
    """What it is bound to in every request, where no variable stands in its arguments."""

    def bound(self, values: VariableValues, user: UserId | None) -> Bound:
        if self.constant is not None:
            return self.constant
        found = self.bind(values, user)
        if values is NO_VALUES and self.is_page:
            self.constant = found
        return found


@dataclass(frozen=True, slots=True)
class RootField:
    """A root field as it was selected, with its rules."""

    selected: Selected
    field: GraphQLField
    rules: FieldRules
    sight: Sight
    arguments: Arguments

    def given(self, values: VariableValues) -> tuple[dict[str, Any], tuple[AnyOf, ...]]:
        """The arguments as resolvers take them, and the rules of the guarded inputs among them."""
        try:
            coerced = get_argument_values(self.field, self.selected.node, values)
        except GraphQLError as error:
            raise NotMappedError(error.message) from error  # the other executor says it at the field
        rules = given_rules(self.rules, coerced)
        if not self.sight.may_ever(rules):
            raise NotMappedError("An input reads what is withheld: the other executor says so.")
        return self.arguments(self.field, coerced), rules


def page_statement(root: RootField, row: RowRead) -> RootStatement:
    """A page of rows, filtered by what the rules of field, rows and given inputs have in common."""

    def bind(values: VariableValues, _user: UserId | None) -> Bound:
        given, rules = root.given(values)
        try:
            request = page_request(given.get("first"), given.get("after"))
            after = cast("tuple[str, UUID]", read_position(row.table, request.after))
        except PageRefusedError as refused:
            raise NotMappedError(str(refused)) from refused
        rule = in_common((*root.rules.own, *root.rules.result, *rules))
        filters = given.get("filter")
        sought = sought_of(row.table, filters.read() if filters else None)
        page = Page(row, rule, sought, counted=statement.counted)
        return Bound(page, (rule, sought), request.first, after, behind=request.after is not None)

    statement = RootStatement(row, bind, is_page=True)
    return statement


def row_statement(root: RootField, row: RowRead) -> RootStatement:
    """One row by a reference; what the rules of its type, or of the input that names it, hide isn't there."""

    def bind(values: VariableValues, _user: UserId | None) -> Bound:
        given, rules = root.given(values)
        wanted = OneRow(row, named_by(given["by"].read()), (*root.rules.result, *rules))
        return Bound(wanted, (type(wanted.by), wanted.seen))

    return RootStatement(row, bind)


def callers_statement(row: RowRead, seen: tuple[AnyOf, ...]) -> RootStatement:
    """The caller's own row."""

    def bind(_values: VariableValues, user: UserId | None) -> Bound:
        return Bound(OneRow(row, ById(user), seen), ())

    return RootStatement(row, bind)
