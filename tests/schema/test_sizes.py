"""Each list of objects without pages states how long it is assumed to be: what asking for it costs follows from it."""

import pytest
from graphql import GraphQLObjectType

from gateway.graphql.type_of import answers_with_list, named_type_of
from schema.access_table import fields_of
from schema.build import BuiltSchema, build_schema
from schema.sizes import size_of
from store.shipped_packs import vocabulary


@pytest.fixture(scope="module")
def built() -> BuiltSchema:
    return build_schema(vocabulary())


def test_each_list_of_objects_states_its_size(built: BuiltSchema) -> None:
    unstated = [
        f"{type_.name}.{name}"
        for type_, name, field in fields_of(built.graphql)
        if answers_with_list(field)
        and isinstance(named_type_of(field), GraphQLObjectType)
        and "pageInfo" not in type_.fields
        and size_of(field) is None
    ]
    assert unstated == []


def test_a_size_that_follows_an_argument_names_one_that_is_there(built: BuiltSchema) -> None:
    for type_, name, field in fields_of(built.graphql):
        size = size_of(field)
        assert not isinstance(size, str) or size in field.args, f"{type_.name}.{name}"
