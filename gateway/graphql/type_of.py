"""The types of fields, arguments and inputs, which the library leaves without a type of their own."""

from typing import Any, cast

from graphql import GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLList, GraphQLNamedType, GraphQLNonNull

Definition = GraphQLField | GraphQLArgument | GraphQLInputField


def type_of(definition: Definition) -> Any:
    """The type as it is written, lists and non-nulls included."""
    return cast("Any", definition).type


def named_type_of(definition: Definition) -> GraphQLNamedType:
    """The type inside lists and non-nulls."""
    found = type_of(definition)
    while hasattr(found, "of_type"):
        found = found.of_type
    return cast("GraphQLNamedType", found)


def answers_with_list(field: GraphQLField) -> bool:
    found = type_of(field)
    while isinstance(found, GraphQLNonNull):
        found = cast("Any", found).of_type
    return isinstance(found, GraphQLList)
