"""The fields that an operation selects on a type, by response key: fragments spread, conditions judged."""

from dataclasses import dataclass
from typing import Final

from graphql import FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from gateway.graphql.documents import Document

NO_VALUES: Final = VariableValues({}, {})
"""Of an operation that defines no variables: the same for all of its requests."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of an answer, asked for by one or several nodes that mean the same."""

    key: str
    details: tuple[FieldDetails, ...]

    @property
    def node(self) -> FieldNode:
        return self.details[0].node

    @property
    def name(self) -> str:
        return self.node.name.value

    @property
    def nodes(self) -> list[FieldNode]:
        return [one.node for one in self.details]


class Selecting:
    """One operation with its variables' values, which decide `@skip` and `@include`."""

    def __init__(
        self, schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode, values: VariableValues
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.values = values
        self._fragments = {
            one.name.value: FragmentDetails(one)
            for one in document.node.definitions
            if isinstance(one, FragmentDefinitionNode)
        }

    def roots(self, type_: GraphQLObjectType) -> list[Selected]:
        found = collect_fields(self.schema, self._fragments, self.values, type_, self.operation)
        return [Selected(key, tuple(details)) for key, details in found.grouped_field_set.items()]

    def within(self, type_: GraphQLObjectType, selected: Selected) -> list[Selected]:
        found = collect_subfields(
            self.schema, self._fragments, self.values, self.operation, type_, list(selected.details)
        )
        return [Selected(key, tuple(details)) for key, details in found.grouped_field_set.items()]
