"""Introspection by setting, and cut to what the caller may see: the schema's own answers about itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from graphql import (
    GraphQLAbstractType,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
)

from gateway.graphql.type_of import type_of
from gateway.graphql.visible import Sight
from gateway.graphql.visible_schema import Views, possible_in_view
from gateway.graphql.visible_sdl import visible_text
from gateway.graphql_settings import OFF, SIGNED_IN
from gateway.refusals import Kind
from gateway.refusals import RefusedError as EdgeRefusedError
from policy.caller import Anonymous, Caller
from resolvers.asking import Asking
from resolvers.refusals import Code, RefusedError
from schema.build import BuiltSchema

_IS_OFF: Final = "The schema can't be asked about here: introspection is off."
_SIGN_IN: Final = "Sign in first: the schema is shown to known callers only."

Info = GraphQLResolveInfo[Asking]


class IntrospectedSchema(GraphQLSchema):
    """The schema that operations run against; its `__schema` and `__type` answer by the caller.

    It shares every type with the schema that it is made of: only the two fields differ.
    """

    def __init__(self, written: GraphQLSchema, view: Callable[[Caller], GraphQLSchema], setting: str) -> None:
        self.__dict__.update(written.__dict__)
        self._about_schema = _with(SchemaMetaFieldDef, _schema_field(view, setting))
        self._about_type = _with(TypeMetaFieldDef, _type_field(view, setting))

    def get_field(self, parent_type: GraphQLCompositeType, field_name: str) -> GraphQLField | None:
        if field_name == "__schema":
            return self._about_schema if parent_type is self.query_type else None
        if field_name == "__type":
            return self._about_type if parent_type is self.query_type else None
        return super().get_field(parent_type, field_name)

    def get_possible_types(self, abstract_type: GraphQLAbstractType) -> list[GraphQLObjectType]:
        found = possible_in_view(abstract_type)
        return super().get_possible_types(abstract_type) if found is None else found


def introspected(built: BuiltSchema, setting: str) -> BuiltSchema:
    """The built schema, its introspection following the setting and the caller."""
    return replace(built, graphql=IntrospectedSchema(built.graphql, Views(built).of, setting))


def sdl_for(built: BuiltSchema, setting: str, caller: Caller) -> str:
    """The schema's text as the caller may see it. Raises the edge's RefusedError by the setting."""
    if setting == OFF:
        raise EdgeRefusedError(Kind.NOT_FOUND, _IS_OFF)
    if setting == SIGNED_IN and isinstance(caller, Anonymous):
        raise EdgeRefusedError(Kind.UNAUTHENTICATED, _SIGN_IN)
    sight = Sight(built)
    return visible_text(built.sdl, built.graphql, sight.visible(sight.fingerprint(caller)))


def _schema_field(view: Callable[[Caller], GraphQLSchema], setting: str) -> Callable[..., Any]:
    def resolve(_: object, info: Info) -> GraphQLSchema:
        if setting == OFF:
            raise RefusedError(Code.FORBIDDEN, _IS_OFF)
        if setting == SIGNED_IN and isinstance(info.context.caller, Anonymous):
            raise RefusedError(Code.UNAUTHENTICATED, _SIGN_IN)
        return view(info.context.caller)

    return resolve


def _type_field(view: Callable[[Caller], GraphQLSchema], setting: str) -> Callable[..., Any]:
    """A type that is hidden, for whichever reason, is answered as one that there isn't."""

    def resolve(_: object, info: Info, **arguments: str) -> object | None:
        caller = info.context.caller
        if setting == OFF or (setting == SIGNED_IN and isinstance(caller, Anonymous)):
            return None
        return view(caller).get_type(arguments["name"])

    return resolve


def _with(field: GraphQLField, resolve: Callable[..., Any]) -> GraphQLField:
    return GraphQLField(type_of(field), field.args, resolve, description=field.description)
