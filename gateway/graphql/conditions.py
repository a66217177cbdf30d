"""`@skip` and `@include` of a selection, told apart at compile time: always there, never, or by variables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import BooleanValueNode, DirectiveNode, SelectionNode, VariableNode

Condition = frozenset[tuple[str, bool]]
"""Variables and the value that each must have for the selection to be there; empty: it always is."""

ALWAYS: Condition = frozenset()


def included(node: SelectionNode, within: Condition) -> Condition | None:
    """The condition under which a selection inside another is there; None: never."""
    found = within
    for directive in node.directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        value = _argument(directive)
        if isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
        if isinstance(value, VariableNode):
            found |= {(value.name.value, wanted)}
    return None if _contradicts(found) else found


def any_holds(
    conditions: Sequence[Condition], defaults: Mapping[str, Any]
) -> Callable[[Mapping[str, Any]], bool] | None:
    """Whether one of them holds, by the variables; None: one always does. `defaults`: the operation's own."""
    if any(not condition for condition in conditions):
        return None
    every = [[(name, wanted, defaults.get(name)) for name, wanted in condition] for condition in set(conditions)]

    def holds(variables: Mapping[str, Any]) -> bool:
        return any(
            all((variables.get(name, default) is True) is wanted for name, wanted, default in one) for one in every
        )

    return holds


def _argument(directive: DirectiveNode) -> object:
    return next((one.value for one in directive.arguments or () if one.name.value == "if"), None)


def _contradicts(condition: Condition) -> bool:
    return any((name, not wanted) in condition for name, wanted in condition)
