"""Checks the mapping when the schema is built: a type with a table says of each field where it comes from."""

from collections.abc import Iterator
from typing import Any, cast

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from schema.access_table import DEFINITION, fields_of
from schema.mapping import (
    CallersOwn,
    FromColumn,
    FromColumns,
    ListedIn,
    PageOf,
    PointedAt,
    RowOf,
    is_unmapped,
    mapping_of,
    table_of,
)
from store.tables import Table

_OF_ROWS = FromColumn | FromColumns | PointedAt | ListedIn


def mapping_problems(schema: GraphQLSchema) -> Iterator[str]:
    """A sentence for each field whose mapping is missing or can't be."""
    for type_, name, field in fields_of(schema):
        definition, place = field.extensions.get(DEFINITION), f"{type_.name}.{name}"
        mapping = mapping_of(definition)
        of_table = table_of(_written(type_)) is not None
        if of_table and mapping is None and not is_unmapped(definition):
            yield f"{place} belongs to a type with a table and has no mapping: give it one, or write it as unmapped."
        if isinstance(mapping, _OF_ROWS) and not of_table:
            yield f"{place} is mapped, but {type_.name} has no table."
        yield from _misdirected(place, field, mapping)


def _misdirected(place: str, field: GraphQLField, mapping: object) -> Iterator[str]:
    if not isinstance(mapping, PointedAt | ListedIn | PageOf | RowOf | CallersOwn):
        return
    table, stated = table_of(_written(row_type(named_type(cast("Any", field).type)))), getattr(mapping, "table", None)
    if table is None:
        yield f"{place} answers with rows of no table."
    elif isinstance(stated, Table) and stated is not table:
        yield f"{place} is mapped to {stated.name}, but answers with rows of {table.name}."


def named_type(type_: Any) -> Any:
    """The type inside lists and non-nulls."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    return type_


def row_type(type_: Any) -> Any:
    """The type of a connection's rows; any other type is its own."""
    fields: dict[str, Any] = type_.fields if isinstance(type_, GraphQLObjectType) else {}
    return named_type(fields["nodes"].type) if "nodes" in fields and "pageInfo" in fields else type_


def _written(type_: Any) -> object:
    return getattr(type_.extensions.get(DEFINITION), "origin", None)
