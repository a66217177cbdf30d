"""The fields that an operation selects of an object, merged by their names in the answer (GraphQL section 6.3.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
)

from gateway.graphql.conditions import Condition, included


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A field as it stands at one place, and when it is there."""

    node: FieldNode
    condition: Condition


Part = tuple[SelectionSetNode, Condition]
"""A selection set of the same object, and when it counts."""


class Selecting:
    """Collects the fields of one document's operations."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def fields(self, type_: GraphQLObjectType, parts: Iterable[Part]) -> dict[str, list[Occurrence]]:
        """By the name in the answer, in the order of the answer."""
        found: dict[str, list[Occurrence]] = {}
        seen: set[tuple[str, Condition]] = set()
        for selections, condition in parts:
            self._collect(type_, selections, condition, found, seen)
        return found

    def _collect(
        self,
        type_: GraphQLObjectType,
        selections: SelectionSetNode,
        within: Condition,
        found: dict[str, list[Occurrence]],
        seen: set[tuple[str, Condition]],
    ) -> None:
        for node in selections.selections:
            condition = included(node, within)
            if condition is None:
                continue
            match node:
                case FieldNode():
                    found.setdefault((node.alias or node.name).value, []).append(Occurrence(node, condition))
                case InlineFragmentNode(type_condition=on):
                    if on is None or self._applies(type_, on.name.value):
                        self._collect(type_, node.selection_set, condition, found, seen)
                case FragmentSpreadNode(name=name):
                    fragment = self._fragments.get(name.value)
                    if fragment is None or (name.value, condition) in seen:
                        continue
                    seen.add((name.value, condition))
                    if self._applies(type_, fragment.type_condition.name.value):
                        self._collect(type_, fragment.selection_set, condition, found, seen)
                case _:
                    pass

    def _applies(self, type_: GraphQLObjectType, on: str) -> bool:
        named = self._schema.get_type(on)
        return named is type_ or (
            isinstance(named, GraphQLInterfaceType | GraphQLUnionType) and self._schema.is_sub_type(named, type_)
        )

    def objects(self, named: object) -> list[GraphQLObjectType]:
        """The object types that a field of this type may answer with; none for scalars and enumerations."""
        if isinstance(named, GraphQLObjectType):
            return [named]
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            abstract: GraphQLAbstractType = named
            return list(self._schema.get_possible_types(abstract))
        return []
