"""A validation rule of our own: no null character in a literal."""

from typing import Any

from graphql import ASTValidationRule, GraphQLError, StringValueNode


class TextRule(ASTValidationRule):
    """Refuses the null character: no name, address or code has one, and the database can't store it."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if "\0" in node.value:
            self.report_error(GraphQLError("A text holds a null character: leave it out.", node))
