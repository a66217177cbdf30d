"""The mapping of types to tables is complete, and fits the migrated database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLField, GraphQLNonNull, GraphQLObjectType

from resolvers.asking import Asking
from resolvers.rows import MappedRow
from schema.access_table import DEFINITION, SchemaRuleError, fields_of
from schema.asked import answered
from schema.build import BuiltSchema, build_schema, guarded
from schema.directives import PUBLIC
from schema.mapped import column, computed, points_to
from schema.mapping import FromColumn, FromColumns, ListedIn, PointedAt, mapping_of, table_of
from schema.mapping_check import named_type, row_type
from store.connection import Connection
from store.placing import judged_columns
from store.shipped_packs import vocabulary
from store.tables import ORGANIZATIONS, USERS, Found, Table

FITTING: Mapping[str, frozenset[str]] = {
    "ID": frozenset({"uuid"}),
    "String": frozenset({"text"}),
    "Boolean": frozenset({"bool"}),
    "Int": frozenset({"int2", "int4"}),
    "Date": frozenset({"date"}),
    "DateTime": frozenset({"timestamptz"}),
}
"""By GraphQL scalar, the column types whose values it shows as they are; an enum's names stand in texts."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The database's columns by table and name, and where each foreign key leads."""

    kinds: Mapping[tuple[str, str], str]
    required: frozenset[tuple[str, str]]
    leads_to: Mapping[tuple[str, str], str]
    indexed: frozenset[tuple[str, str]]
    """The first column of each index."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One mapped field of a type with a table."""

    place: str
    table: Table
    field: GraphQLField
    mapping: object

    @property
    def type(self) -> Any:
        return named_type(self.written)

    @property
    def written(self) -> Any:
        found: Any = self.field
        return found.type


def mapped_fields(built: BuiltSchema) -> Iterator[Mapped]:
    for type_, name, field in fields_of(built.graphql):
        table, mapping = _table(type_), mapping_of(field.extensions.get(DEFINITION))
        if table is not None and mapping is not None:
            yield Mapped(f"{type_.name}.{name}", table, field, mapping)


def _table(type_: GraphQLObjectType) -> Table | None:
    return table_of(getattr(type_.extensions.get(DEFINITION), "origin", None))


@pytest.fixture(scope="module")
def built() -> BuiltSchema:
    return build_schema(vocabulary())


@pytest.fixture
async def columns(connection: Connection) -> Columns:
    found = await connection.fetch(
        """select c.relname as table, a.attname as name, t.typname as kind, a.attnotnull as required
           from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
           where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0"""
    )
    keys = await connection.fetch(
        """select conrelid::regclass::text as table, a.attname as name, confrelid::regclass::text as leads_to
           from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
           where k.contype = 'f' and cardinality(k.conkey) = 1"""
    )
    indexes = await connection.fetch(
        """select i.indrelid::regclass::text as table, a.attname as name
           from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
           where i.indpred is null"""
    )
    return Columns(
        {(row["table"], row["name"]): row["kind"] for row in found},
        frozenset((row["table"], row["name"]) for row in found if row["required"]),
        {(row["table"], row["name"]): row["leads_to"] for row in keys},
        frozenset((row["table"], row["name"]) for row in indexes),
    )


async def test_each_mapped_column_exists_with_a_fitting_type(built: BuiltSchema, columns: Columns) -> None:
    looked_at = 0
    for one in mapped_fields(built):
        match one.mapping:
            case FromColumn(name):
                fitting = frozenset({"text"}) if isinstance(one.type, GraphQLEnumType) else FITTING[one.type.name]
                assert columns.kinds.get((one.table.name, name)) in fitting, one.place
                if isinstance(one.written, GraphQLNonNull):
                    assert (one.table.name, name) in columns.required, one.place
            case FromColumns(names):
                assert all((one.table.name, name) in columns.kinds for name in names), one.place
            case _:
                continue
        looked_at += 1
    assert looked_at > 15


async def test_each_row_pointed_at_is_a_foreign_key_s(built: BuiltSchema, columns: Columns) -> None:
    pointing = [one for one in mapped_fields(built) if isinstance(one.mapping, PointedAt)]
    assert pointing
    for one in pointing:
        assert isinstance(one.mapping, PointedAt)
        target = _table(one.type)
        assert target is not None
        assert columns.leads_to.get((one.table.name, one.mapping.column)) == target.name, one.place


async def test_each_list_is_found_by_an_indexed_foreign_key(built: BuiltSchema, columns: Columns) -> None:
    listed = [one for one in mapped_fields(built) if isinstance(one.mapping, ListedIn)]
    assert listed
    for one in listed:
        assert isinstance(one.mapping, ListedIn)
        target = _table(row_type(one.type))
        assert target is not None
        if one.mapping.found is Found.BY_KEY:
            key = (target.name, one.mapping.key)
            assert columns.leads_to.get(key) == one.table.name, one.place
            assert key in columns.indexed, one.place


async def test_orders_and_what_rows_are_judged_by_are_columns(built: BuiltSchema, columns: Columns) -> None:
    tables = {one.table for one in mapped_fields(built)}
    assert len(tables) == 4
    for table in tables:
        for part in table.order.parts:
            assert columns.kinds[table.name, part.column] == part.kind
        assert all(columns.kinds[table.name, one] == "uuid" for one in ("id", *judged_columns(table.rows)))


def problems(query: type) -> tuple[str, ...]:
    with pytest.raises(SchemaRuleError) as caught:
        guarded(strawberry.Schema(query=query), ())
    return caught.value.problems


def test_a_field_of_a_type_with_a_table_is_mapped_or_says_that_it_is_not() -> None:
    def own(root: strawberry.Parent[MappedRow]) -> str:
        return str(root.id)

    @strawberry.type(directives=[PUBLIC])
    class Person:
        table: ClassVar = USERS
        id: strawberry.ID = column("id")
        forgotten: str | None
        own_resolver: str | None = answered(own, unmapped=True)

    @strawberry.type
    class Query:
        person: Person | None = strawberry.field(directives=[PUBLIC])

    assert problems(Query) == (
        "Person.forgotten belongs to a type with a table and has no mapping: give it one, or write it as unmapped.",
    )


def test_a_mapping_needs_a_table_on_both_sides() -> None:
    def shown(_asking: Asking, name: str) -> str:
        return name

    @strawberry.type(directives=[PUBLIC])
    class Loose:
        name: str | None = computed(("name",), shown)

    @strawberry.type(directives=[PUBLIC])
    class Place:
        table: ClassVar = ORGANIZATIONS
        loose: Loose | None = points_to("parent_id")

    @strawberry.type
    class Query:
        place: Place | None = strawberry.field(directives=[PUBLIC])

    assert set(problems(Query)) == {
        "Loose.name is mapped, but Loose has no table.",
        "Place.loose answers with rows of no table.",
    }
