"""Builds the schema: the types put together, the access table derived and checked, every resolver guarded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import convert_arguments

from policy.ids import Permission
from schema.access_table import DEFINITION, AccessTable, SchemaRuleError, access_table
from schema.assignments import RoleAssignment
from schema.groups import StudentGroup
from schema.guards import guard
from schema.mapping_check import mapping_problems
from schema.mutations.root import Mutation
from schema.organizations import Organization
from schema.query import Query
from schema.subscriptions import Subscription
from schema.users import User
from schema.words import SCALARS


@dataclass(frozen=True)
class BuiltSchema:
    """`graphql` is what documents are run against; `access` its rules."""

    graphql: GraphQLSchema
    written: strawberry.Schema
    access: AccessTable
    arguments: Callable[[GraphQLField, dict[str, Any]], dict[str, Any]]
    """A field's arguments as its resolver takes them, from those that the library has coerced."""

    @cached_property
    def sdl(self) -> str:
        """The schema's text with every directive; writing it takes as long as building."""
        return self.written.as_str() + "\n"


def build_schema(vocabulary: Iterable[Permission]) -> BuiltSchema:
    """The guarded schema, built once for the same vocabulary. `vocabulary`: every permission that the packs know.

    Raises SchemaRuleError for a field without a rule, a permission that no pack knows, a filter's field that doesn't
    have the rules of the field that it reads, or a field of a type with a table that doesn't say where it comes from.
    """
    return _built(frozenset(vocabulary))


@lru_cache(4)
def _built(vocabulary: frozenset[Permission]) -> BuiltSchema:
    return guarded(
        strawberry.Schema(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            types=[User, Organization, RoleAssignment, StudentGroup],
            config=StrawberryConfig(scalar_map=SCALARS),
        ),
        vocabulary,
    )


def guarded(written: strawberry.Schema, vocabulary: Iterable[Permission]) -> BuiltSchema:
    """A schema as written, with its rules checked and put around its resolvers."""
    schema = _graphql_schema(written)
    problems = tuple(mapping_problems(schema))
    if problems:
        raise SchemaRuleError(problems)
    table = access_table(schema, vocabulary)
    guard(schema, table)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType) and getattr(type_.extensions.get(DEFINITION), "is_one_of", False):
            type_.is_one_of = True  # the library checks its own marker late; graphql-core says where the fault is
    return BuiltSchema(schema, written, table, _arguments_of(written))


def _arguments_of(written: strawberry.Schema) -> Callable[[GraphQLField, dict[str, Any]], dict[str, Any]]:
    registry, config = written.schema_converter.scalar_registry, written.config

    def arguments(field: GraphQLField, coerced: dict[str, Any]) -> dict[str, Any]:
        return convert_arguments(coerced, field.extensions[DEFINITION].arguments, registry, config)

    return arguments


def _graphql_schema(written: strawberry.Schema) -> GraphQLSchema:
    return written._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the library has no public name for it
