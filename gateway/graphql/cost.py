"""Static cost of an operation: compiled once to a function of its variables, cheap at each request.

One point for each object that the answer may hold. Lists multiply: a connection by `first`, any other by the size that
its field states in the schema. Scalars are free, a mutation is ten points more, introspection has a fixed price. Fields
that the answer merges are counted once, of an abstract type the costliest object is, and what `@skip` and `@include`
leave out is free.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

from gateway.graphql.amounts import Amount, Variables, highest, plus, read_amount, times, where
from gateway.graphql.conditions import ALWAYS, any_holds
from gateway.graphql.selected import Occurrence, Part, Selecting
from gateway.graphql.type_of import answers_with_list, named_type_of
from resolvers.pages import USUAL
from schema.access_table import AccessTable
from schema.sizes import size_of
from store.pages import MOST_ROWS

MUTATION: Final = 10
INTROSPECTION: Final = 5_000
"""Of each `__schema` and `__type`."""
UNSTATED: Final = 100
"""The size of a list whose field states none; a test sees that each does."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """What prices are read from: the schema, and which of its fields are connections."""

    schema: GraphQLSchema
    access: AccessTable

    def is_connection(self, type_: GraphQLObjectType, field: str) -> bool:
        rules = self.access.get((type_.name, field))
        return rules is not None and rules.is_connection


class CostOf:
    """The cost of one operation of a valid document."""

    def __init__(self, pricing: Pricing, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        compiling = _Compiling(pricing, document, operation)
        self._objects = compiling.objects()
        self._apart = compiling.apart()

    def requested(self, variables: Variables) -> int:
        """Points that the answer may cost at most, as far as the schema can tell; variables as they were sent."""
        return read_amount(self._objects, variables) + self.apart(variables)

    def apart(self, variables: Variables) -> int:
        """Points for what isn't an object of the answer: its mutations."""
        return read_amount(self._apart, variables)


class _Compiling:
    def __init__(self, pricing: Pricing, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        self._pricing = pricing
        self._selecting = Selecting(pricing.schema, fragments)
        self._operation = operation
        self._defaults: dict[str, Any] = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in operation.variable_definitions or ()
            if one.default_value is not None
        }
        root = pricing.schema.get_root_type(operation.operation)
        self._root = cast("GraphQLObjectType", root)

    def objects(self) -> Amount:
        return self._inside(self._root, [(self._operation.selection_set, ALWAYS)], None)

    def apart(self) -> Amount:
        if self._operation.operation is not OperationType.MUTATION:
            return 0
        fields = self._selecting.fields(self._root, [(self._operation.selection_set, ALWAYS)])
        return plus(where(self._when(found), MUTATION) for found in fields.values())

    def _inside(self, type_: GraphQLObjectType, parts: Sequence[Part], page: Amount | None) -> Amount:
        """What an object's selections cost, the object itself left out. `page`: of a connection, its length."""
        fields = self._selecting.fields(type_, parts)
        return plus(self._field(type_, found, page) for found in fields.values())

    def _field(self, type_: GraphQLObjectType, found: Sequence[Occurrence], page: Amount | None) -> Amount:
        node = found[0].node
        name = node.name.value
        if name.startswith("__"):
            return where(self._when(found), 0 if name == "__typename" else INTROSPECTION)
        field = type_.fields[name]
        objects = self._selecting.objects(named_type_of(field))
        if not objects:
            return 0
        inner_page = self._page(node) if self._pricing.is_connection(type_, name) else None
        # where all occurrences come and go together, what is inside needn't ask again
        together = len({one.condition for one in found}) == 1
        parts = [
            (one.node.selection_set, ALWAYS if together else one.condition) for one in found if one.node.selection_set
        ]
        each = plus((1, highest(self._inside(one, parts, inner_page) for one in objects)))
        return where(self._when(found), times(self._length(field, node, page), each))

    def _when(self, found: Sequence[Occurrence]) -> Any:
        return any_holds([one.condition for one in found], self._defaults)

    def _length(self, field: GraphQLField, node: FieldNode, page: Amount | None) -> Amount:
        """How many objects the field may answer with."""
        if not answers_with_list(field):
            return 1
        if page is not None:
            return page
        stated = size_of(field)
        if isinstance(stated, str):
            return self._length_of_argument(node, stated)
        return UNSTATED if stated is None else stated

    def _page(self, node: FieldNode) -> Amount:
        """The length of a page; one that can't be given is refused when it is read, so it is priced as one that can."""
        return self._of_argument(node, "first", _rows)

    def _length_of_argument(self, node: FieldNode, argument: str) -> Amount:
        return self._of_argument(node, argument, _items)

    def _of_argument(self, node: FieldNode, argument: str, read: Callable[[object], int]) -> Amount:
        value = _argument(node, argument)
        if isinstance(value, VariableNode):
            name = value.name.value
            default = self._defaults.get(name)
            return lambda variables: read(variables.get(name, default))
        if isinstance(value, ListValueNode):
            return read([None] * len(value.values))
        return read(int(value.value) if isinstance(value, IntValueNode) else None)


def _rows(first: object) -> int:
    if isinstance(first, bool) or not isinstance(first, int | float):
        return USUAL
    return int(min(max(first, 1), MOST_ROWS))


def _items(value: object) -> int:
    """A value that isn't a list stands for a list of it."""
    return len(cast("list[object]", value)) if isinstance(value, list) else 1


def _argument(node: FieldNode, name: str) -> ValueNode | None:
    return next((one.value for one in node.arguments or () if one.name.value == name), None)


def objects_in(data: Mapping[str, Any] | None) -> int:
    """The objects of an answer, the answer itself not counted: what an operation has cost indeed."""
    count = -1
    pending: list[object] = [data] if data is not None else []
    if not pending:
        return 0
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            count += 1
            pending.extend(cast("dict[str, object]", one).values())
        elif isinstance(one, list):
            pending.extend(cast("list[object]", one))
    return count
