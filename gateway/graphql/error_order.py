"""The order of an answer's errors: that of the fields in the response, whichever resolver was finished first."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

from gateway.graphql.conditions import ALWAYS, any_holds, included

_Names = tuple[str, ...]


def in_response_order(
    errors: Sequence[GraphQLError],
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> list[GraphQLError]:
    """Depth first, fields as the operation selects them, list indexes as numbers; what has no path comes first.

    `variables` as they were sent. Errors at one path keep their order.
    """
    if len(errors) < 2:
        return list(errors)
    places = _Places(document, operation, variables)
    return sorted(errors, key=lambda error: places.of(error.path or ()))


class _Places:
    """Where a path stands in the response; what is known of a selection is worked out once."""

    def __init__(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._defaults: dict[str, Any] = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in operation.variable_definitions or ()
            if one.default_value is not None
        }
        self._variables = variables
        self._inside: dict[_Names, dict[str, list[SelectionSetNode]]] = {
            (): self._fields([operation.selection_set]),
        }

    def of(self, path: Sequence[str | int]) -> tuple[int, ...]:
        place: list[int] = []
        names: _Names = ()
        for step in path:
            if isinstance(step, int):
                place.append(step)
                continue
            fields = self._inside[names]
            place.append(list(fields).index(step) if step in fields else len(fields))
            if (*names, step) not in self._inside:
                self._inside[*names, step] = self._fields(fields.get(step, []))
            names = (*names, step)
        return tuple(place)

    def _fields(self, selected: Sequence[SelectionSetNode]) -> dict[str, list[SelectionSetNode]]:
        """By their names in the answer, in its order: what each selects further."""
        found: dict[str, list[SelectionSetNode]] = {}
        seen: set[str] = set()
        for one in selected:
            self._collect(one, found, seen)
        return found

    def _collect(self, selected: SelectionSetNode, found: dict[str, list[SelectionSetNode]], seen: set[str]) -> None:
        for node in selected.selections:
            condition = included(node, ALWAYS)
            holds = None if condition is None else any_holds([condition], self._defaults)
            if condition is None or (holds is not None and not holds(self._variables)):
                continue
            match node:
                case FieldNode():
                    inner = found.setdefault((node.alias or node.name).value, [])
                    if node.selection_set is not None:
                        inner.append(node.selection_set)
                case InlineFragmentNode():
                    self._collect(node.selection_set, found, seen)
                case FragmentSpreadNode(name=name) if name.value not in seen and name.value in self._fragments:
                    seen.add(name.value)
                    self._collect(self._fragments[name.value].selection_set, found, seen)
                case _:
                    pass
