"""Limits on a document's shape: how deep and wide its operations go once their fragments are spread."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

from gateway.graphql_settings import GraphQLSettings

MOST_REPEATED: Final = 20
"""Times that one selection set may ask for the same field under the same name."""
MOST_DIRECTIVES_AT_ONCE: Final = 5
"""Directives of one field or fragment."""
MOST_VARIABLES: Final = 200
MOST_VALUE_DEPTH: Final = 15
"""Lists and objects within each other in a literal."""
_ENDLESS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """What an operation adds up to. `depth` is in levels of fields, the others are numbers of nodes."""

    depth: int = 0
    fields: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0


def shape_errors(document: DocumentNode, limits: GraphQLSettings) -> list[GraphQLError]:
    """One sentence for each operation that is larger than anybody needs; empty where all are in bounds."""
    return [error for error in _errors(document, limits) if error is not None][:1]


def _errors(document: DocumentNode, limits: GraphQLSettings) -> Iterator[GraphQLError | None]:
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    yield from _in_one_place(document)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            if len(one.variable_definitions or ()) > MOST_VARIABLES:
                yield _too_large(one, len(one.variable_definitions or ()), "variables", MOST_VARIABLES)
            yield _beyond(one, _measured(one, fragments), limits)


def _beyond(operation: OperationDefinitionNode, measure: Measure, limits: GraphQLSettings) -> GraphQLError | None:
    for measured, most, what in (
        (measure.depth, limits.graphql_max_depth, "levels deep"),
        (measure.fields, limits.graphql_max_fields, "fields"),
        (measure.root_fields, limits.graphql_max_root_fields, "root fields"),
        (measure.aliases, limits.graphql_max_aliases, "aliases"),
        (measure.directives, limits.graphql_max_directives, "directives"),
    ):
        if measured > most:
            return _too_large(operation, measured, what, most)
    return None


def _too_large(operation: OperationDefinitionNode, measured: int, what: str, most: int) -> GraphQLError:
    counted = "endless" if measured >= _ENDLESS else f"{measured:,}"
    text = f"The operation is too large: {counted} {what}, where {most:,} are allowed. Ask in parts."
    return GraphQLError(text, operation)


def _measured(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> Measure:
    try:
        found = _Measuring(fragments).selections(operation.selection_set)
    except RecursionError:  # a long chain of fragments
        return Measure(depth=_ENDLESS)
    own = len(operation.directives or ())
    return Measure(found.depth, found.fields, found.root_fields, found.aliases, found.directives + own)


class _Measuring:
    """Adds up selections; each fragment is measured once and counts wherever it is spread."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measured: dict[str, Measure] = {}
        self._open: set[str] = set()

    def selections(self, selected: SelectionSetNode | None) -> Measure:
        return _sum(self._one(node) for node in (selected.selections if selected else ()))

    def _one(self, node: SelectionNode) -> Measure:
        own = len(node.directives or ())
        match node:
            case FieldNode():
                inner = self.selections(node.selection_set)
                aliases = inner.aliases + (node.alias is not None)
                return Measure(inner.depth + 1, inner.fields + 1, 1, aliases, inner.directives + own)
            case InlineFragmentNode():
                inner = self.selections(node.selection_set)
            case FragmentSpreadNode():
                inner = self._fragment(node.name.value)
            case _:
                inner = Measure()
        return Measure(inner.depth, inner.fields, inner.root_fields, inner.aliases, inner.directives + own)

    def _fragment(self, name: str) -> Measure:
        """A cycle counts nothing here: another rule reports it."""
        fragment = self._fragments.get(name)
        if fragment is None or name in self._open:
            return Measure()
        if name not in self._measured:
            self._open.add(name)
            self._measured[name] = self.selections(fragment.selection_set)
            self._open.discard(name)
        return self._measured[name]


def _sum(parts: Iterable[Measure]) -> Measure:
    depth = fields = roots = aliases = directives = 0
    for one in parts:
        depth = max(depth, one.depth)
        fields, roots = fields + one.fields, roots + one.root_fields
        aliases, directives = aliases + one.aliases, directives + one.directives
    return Measure(depth, fields, roots, aliases, directives)


def _in_one_place(document: DocumentNode) -> Iterator[GraphQLError]:
    """What is too much for one selection set, one field or one value, wherever it stands."""
    pending: list[SelectionSetNode] = [
        one.selection_set
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while pending:
        nodes = pending.pop().selections
        keys = Counter((one.alias or one.name).value for one in nodes if isinstance(one, FieldNode))
        key, times = max(keys.items(), key=lambda item: item[1], default=("", 0))
        if times > MOST_REPEATED:
            yield GraphQLError(f"'{key}' is asked for {times:,} times in the same place: ask for it once.", nodes[0])
        for node in nodes:
            if len(node.directives or ()) > MOST_DIRECTIVES_AT_ONCE:
                most = MOST_DIRECTIVES_AT_ONCE
                text = f"{len(node.directives or ())} directives stand at one place, where {most} are allowed."
                yield GraphQLError(text, node)
            if isinstance(node, FieldNode) and any(_deep(one.value) for one in node.arguments or ()):
                yield GraphQLError(f"A value is nested deeper than {MOST_VALUE_DEPTH} levels.", node)
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set is not None:
                pending.append(node.selection_set)


def _deep(value: ValueNode) -> bool:
    pending: list[tuple[ValueNode, int]] = [(value, 1)]
    while pending:
        one, level = pending.pop()
        if level > MOST_VALUE_DEPTH:
            return True
        if isinstance(one, ListValueNode):
            pending.extend((inner, level + 1) for inner in one.values)
        elif isinstance(one, ObjectValueNode):
            pending.extend((field.value, level + 1) for field in one.fields)
    return False
