"""The schema's text as a caller may see it: the committed text without what is hidden from her."""

from dataclasses import replace
from typing import Any, Final, cast

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    parse,
    print_ast,
)

from gateway.graphql.visible import Visible, rules_on

_OF_DIRECTIVES: Final = frozenset({"AccessRule", "AccessTarget", "AccessMatch", "Permission"})
"""What `@access` is written with."""


def visible_text(sdl: str, schema: GraphQLSchema, visible: Visible) -> str:
    """The definitions of `sdl` that are visible, with their directives."""
    cutting = _Cutting(schema, visible)
    kept = [cut for one in parse(sdl).definitions if (cut := cutting.definition(one)) is not None]
    return "\n\n".join(print_ast(one) for one in kept) + "\n"


class _Cutting:
    def __init__(self, schema: GraphQLSchema, visible: Visible) -> None:
        self._schema = schema
        self._visible = visible

    def definition(self, node: DefinitionNode) -> DefinitionNode | None:
        if not isinstance(node, TypeDefinitionNode):
            return node if isinstance(node, DirectiveDefinitionNode) else None
        name = node.name.value
        if name not in self._visible.types and name not in _OF_DIRECTIVES:
            return None
        match node:
            case ObjectTypeDefinitionNode():
                fields = [self._field(name, one) for one in node.fields or () if (name, one.name.value) in self._shown]
                return replace(node, fields=tuple(fields))
            case InterfaceTypeDefinitionNode():
                return replace(node, fields=tuple(one for one in node.fields or () if self._leads_to_visible(one)))
            case InputObjectTypeDefinitionNode() if name not in _OF_DIRECTIVES:
                return replace(node, fields=tuple(one for one in node.fields or () if self._input(name, one)))
            case EnumTypeDefinitionNode() | ScalarTypeDefinitionNode() | InputObjectTypeDefinitionNode():
                return node
            case _:
                return None

    @property
    def _shown(self) -> frozenset[tuple[str, str]]:
        return self._visible.fields

    def _field(self, type_name: str, node: FieldDefinitionNode) -> FieldDefinitionNode:
        field = cast("GraphQLObjectType", self._schema.type_map[type_name]).fields[node.name.value]
        arguments = [one for one in node.arguments or () if self._visible.allows(rules_on(field.args[one.name.value]))]
        return replace(node, arguments=tuple(arguments))

    def _input(self, type_name: str, node: InputValueDefinitionNode) -> bool:
        fields = cast("GraphQLInputObjectType", self._schema.type_map[type_name]).fields
        return self._visible.allows(rules_on(fields[node.name.value]))

    def _leads_to_visible(self, node: FieldDefinitionNode) -> bool:
        type_: Any = node.type
        while not isinstance(type_, NamedTypeNode):
            type_ = type_.type
        return type_.name.value in self._visible.types
