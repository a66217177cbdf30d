"""The schema as one caller may see it: made for introspection, never run; callers who see the same share one."""

from typing import Any, Final, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

from gateway.graphql.type_of import named_type_of, type_of
from gateway.graphql.visible import Fingerprint, Sight, Visible, rules_on
from gateway.recent import Recent
from policy.caller import Caller
from schema.build import BuiltSchema

MOST_VIEWS: Final = 64
_POSSIBLE: Final = "possible-in-view"


class Views:
    """By what callers may see; the least recently asked view goes first."""

    def __init__(self, built: BuiltSchema) -> None:
        self._schema = built.graphql
        self._sight = Sight(built)
        self._kept = Recent[Fingerprint, GraphQLSchema](MOST_VIEWS)

    def of(self, caller: Caller) -> GraphQLSchema:
        key = self._sight.fingerprint(caller)
        view = self._kept.get(key)
        if view is None:
            view = _Viewing(self._schema, self._sight.visible(key)).schema()
            self._kept.put(key, view)
        return view


def possible_in_view(type_: GraphQLAbstractType) -> list[GraphQLObjectType] | None:
    """The types that a view shows of an interface or union; None for one that belongs to no view."""
    return cast("list[GraphQLObjectType] | None", type_.extensions.get(_POSSIBLE))


class _Viewing:
    """Copies the visible types; scalars and enumerations are shared with the whole schema."""

    def __init__(self, whole: GraphQLSchema, visible: Visible) -> None:
        self._whole = whole
        self._visible = visible
        self._made: dict[str, GraphQLNamedType] = {}

    def schema(self) -> GraphQLSchema:
        roots = {
            kind: self._object(root)
            for kind, root in (
                ("query", self._whole.query_type),
                ("mutation", self._whole.mutation_type),
                ("subscription", self._whole.subscription_type),
            )
            if root is not None and root.name in self._visible.types
        }
        found = GraphQLSchema(
            **cast("dict[str, Any]", roots),
            types=[self._named(self._whole.type_map[name]) for name in sorted(self._visible.types)],
            directives=self._whole.directives,
            description=self._whole.description,
            assume_valid=True,
        )
        for type_ in found.type_map.values():
            if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
                cast("list[GraphQLObjectType]", type_.extensions[_POSSIBLE]).extend(found.get_possible_types(type_))
        return found

    def _named(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        if type_.name not in self._made:
            self._made[type_.name] = self._copied(type_)
        return self._made[type_.name]

    def _copied(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        match type_:
            case GraphQLObjectType():
                return GraphQLObjectType(
                    type_.name,
                    lambda: self._fields(type_),
                    interfaces=lambda: [cast("GraphQLInterfaceType", self._named(one)) for one in type_.interfaces],
                    description=type_.description,
                )
            case GraphQLInterfaceType():
                return GraphQLInterfaceType(
                    type_.name,
                    lambda: {name: self._field(one) for name, one in type_.fields.items() if self._shows(one)},
                    description=type_.description,
                    extensions={_POSSIBLE: []},
                )
            case GraphQLUnionType():
                return GraphQLUnionType(
                    type_.name,
                    lambda: [self._object(one) for one in type_.types if one.name in self._visible.types],
                    description=type_.description,
                    extensions={_POSSIBLE: []},
                )
            case GraphQLInputObjectType():
                kwargs: dict[str, Any] = {**type_.to_kwargs(), "fields": lambda: self._inputs(type_), "extensions": {}}
                return GraphQLInputObjectType(**kwargs)
            case _:
                return type_

    def _object(self, type_: GraphQLObjectType) -> GraphQLObjectType:
        return cast("GraphQLObjectType", self._named(type_))

    def _fields(self, type_: GraphQLObjectType) -> dict[str, GraphQLField]:
        return {
            name: self._field(field)
            for name, field in type_.fields.items()
            if (type_.name, name) in self._visible.fields
        }

    def _shows(self, field: GraphQLField) -> bool:
        return named_type_of(field).name in self._visible.types

    def _field(self, field: GraphQLField) -> GraphQLField:
        arguments = {
            name: self._argument(one) for name, one in field.args.items() if self._visible.allows(rules_on(one))
        }
        return GraphQLField(
            self._wrapped(type_of(field)),
            arguments,
            description=field.description,
            deprecation_reason=field.deprecation_reason,
        )

    def _argument(self, argument: GraphQLArgument) -> GraphQLArgument:
        kwargs: dict[str, Any] = {**argument.to_kwargs(), "type_": self._wrapped(type_of(argument))}
        return GraphQLArgument(**kwargs)

    def _inputs(self, type_: GraphQLInputObjectType) -> dict[str, GraphQLInputField]:
        return {
            name: GraphQLInputField(**cast("Any", {**one.to_kwargs(), "type_": self._wrapped(type_of(one))}))
            for name, one in type_.fields.items()
            if self._visible.allows(rules_on(one))
        }

    def _wrapped(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return GraphQLNonNull(self._wrapped(cast("Any", type_).of_type))
        if isinstance(type_, GraphQLList):
            return GraphQLList(self._wrapped(cast("Any", type_).of_type))
        return self._named(type_)
