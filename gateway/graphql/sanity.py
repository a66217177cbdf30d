"""Limits on a document's shape: how deep it goes and how many fields it selects once its fragments are spread."""

from typing import Any, Final

from graphql import (
    ASTValidationRule,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
)

MOST_TOKENS: Final = 4_000
MOST_CHARACTERS: Final = 50_000
MOST_DEPTH: Final = 20
MOST_FIELDS: Final = 1_000
MOST_ROOTS: Final = 30
"""Root fields of one operation, aliases counted: each may be a statement of its own."""


class ShapeRule(ASTValidationRule):
    """Refuses operations that are deeper or wider than anybody needs; fragments count where they are spread."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._measured: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        try:
            depth, fields = self._measure(node.selection_set)
        except RecursionError:  # a long chain of fragments
            depth, fields = MOST_FIELDS, MOST_FIELDS
        roots = self._roots(node.selection_set)
        for measured, most, what in (
            (depth, MOST_DEPTH, "levels deep"),
            (fields, MOST_FIELDS, "fields"),
            (roots, MOST_ROOTS, "root fields"),
        ):
            if measured > most:
                text = f"The operation is too large: {measured:,} {what}, where {most:,} are allowed. Ask in parts."
                self.report_error(GraphQLError(text, node))

    def _measure(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """Depth in levels and number of fields."""
        deepest = count = 0
        for one in selections.selections if selections else ():
            match one:
                case FieldNode(selection_set=inner):
                    depth, fields = self._measure(inner)
                    depth, fields = depth + 1, fields + 1
                case InlineFragmentNode(selection_set=inner):
                    depth, fields = self._measure(inner)
                case FragmentSpreadNode(name=name):
                    depth, fields = self._fragment(name.value)
                case _:
                    depth = fields = 0
            deepest, count = max(deepest, depth), count + fields
        return deepest, count

    def _fragment(self, name: str) -> tuple[int, int]:
        """A fragment's measure, taken once; a cycle counts nothing here: another rule reports it."""
        fragment = self.context.get_fragment(name)
        if fragment is None or name in self._open:
            return 0, 0
        if name not in self._measured:
            self._open.add(name)
            self._measured[name] = self._measure(fragment.selection_set)
            self._open.discard(name)
        return self._measured[name]

    def _roots(self, selections: SelectionSetNode, seen: frozenset[str] = frozenset()) -> int:
        count = 0
        for one in selections.selections:
            match one:
                case InlineFragmentNode(selection_set=inner):
                    count += self._roots(inner, seen)
                case FragmentSpreadNode(name=name) if name.value not in seen:
                    fragment = self.context.get_fragment(name.value)
                    count += self._roots(fragment.selection_set, seen | {name.value}) if fragment else 0
                case FieldNode():
                    count += 1
                case _:
                    pass
        return count


class TextRule(ASTValidationRule):
    """Refuses the null character in a literal: no name, address or code has one, and the database can't store it."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if "\0" in node.value:
            self.report_error(GraphQLError("A text holds a null character: leave it out.", node))
