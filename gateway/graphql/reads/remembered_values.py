"""Values that follow from memory alone (programs, roles, the caller), projected by the schema's own resolvers."""

import inspect
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
)

from gateway.graphql.reads.code import NotMappedError
from gateway.graphql.reads.selecting import Selected, Selecting
from gateway.graphql.type_of import type_of
from resolvers.asking import Asking
from schema.access_table import DEFINITION, AccessTable

Project = Callable[[Any, Asking, "Counting"], Any]
"""From a value to what is written in the answer."""
_TYPENAME: Final = "__typename"


class Counting(Protocol):
    """Counts the objects of an answer."""

    objects: int


class Tally:
    """How many objects a part of an answer holds."""

    __slots__ = ("objects",)

    def __init__(self) -> None:
        self.objects = 0


class Context:
    """What the resolvers of values in memory look at, as `info`: the context alone."""

    __slots__ = ("context",)

    def __init__(self, context: Asking) -> None:
        self.context = context


def object_projection(
    selecting: Selecting, table: AccessTable, type_: GraphQLObjectType, fields: list[Selected]
) -> Project:
    """Raises NotMappedError for a field that has a rule, takes arguments, or must wait for something."""
    parts = [(one.key, field_projection(selecting, table, type_, one)) for one in fields]

    def project(value: Any, asking: Asking, tally: Counting) -> dict[str, Any]:
        tally.objects += 1
        return {key: read(value, asking, tally) for key, read in parts}

    return project


def field_projection(selecting: Selecting, table: AccessTable, type_: GraphQLObjectType, selected: Selected) -> Project:
    if selected.name == _TYPENAME:
        name = type_.name
        return lambda _value, _asking, _tally: name
    field = type_.fields[selected.name]
    rules = table[type_.name, selected.name]
    if rules.own or rules.result or rules.result_by_type or rules.is_connection or field.args:
        raise NotMappedError(f"{type_.name}.{selected.name}")
    read = _reader(field.extensions.get(DEFINITION))
    complete = completion(selecting, table, type_of(field), selected)
    return lambda value, asking, tally: complete(read(value, asking), asking, tally)


def _reader(definition: Any) -> Callable[[Any, Asking], Any]:
    resolver = getattr(definition, "base_resolver", None)
    if resolver is None:
        name: str = definition.python_name
        return lambda value, _asking: getattr(value, name)
    function = resolver.wrapped_func
    if inspect.iscoroutinefunction(function):
        raise NotMappedError(str(function))
    names = tuple(inspect.signature(function).parameters)
    if names == ("root",):
        return lambda value, _asking: function(value)
    if names == ("root", "info"):
        return lambda value, asking: function(value, Context(asking))
    raise NotMappedError(str(function))


def completion(selecting: Selecting, table: AccessTable, type_: Any, selected: Selected) -> Project:
    match type_:
        case GraphQLNonNull():
            return completion(selecting, table, cast("Any", type_).of_type, selected)
        case GraphQLList():
            return _list(completion(selecting, table, cast("Any", type_).of_type, selected))
        case GraphQLObjectType():
            return _nullable(object_projection(selecting, table, type_, selecting.within(type_, selected)))
        case GraphQLEnumType() | GraphQLScalarType():
            serialize = type_.serialize
            return lambda value, _asking, _tally: None if value is None else serialize(value)
        case _:
            raise NotMappedError(str(type_))


def _list(item: Project) -> Project:
    def project(value: Any, asking: Asking, tally: Counting) -> list[Any] | None:
        return None if value is None else [item(one, asking, tally) for one in value]

    return project


def _nullable(item: Project) -> Project:
    return lambda value, asking, tally: None if value is None else item(value, asking, tally)
