"""From a document's text to a parsed and valid one; those seen lately are kept, within a bound."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)

from gateway.graphql.sanity import MOST_CHARACTERS, MOST_TOKENS, ShapeRule, TextRule

RULES: Final = (ShapeRule, *specified_rules, MaxIntrospectionDepthRule, TextRule)
MOST_ERRORS: Final = 10


class MalformedError(Exception):
    """The document can't be run; `errors` say what is wrong and where."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document."""

    node: DocumentNode

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run. Raises MalformedError where the name fits none, or is needed and missing."""
        found = get_operation_ast(self.node, name or None)
        if found is not None:
            return found
        if name:
            raise MalformedError([GraphQLError(f"The document has no operation named {name!r}.")])
        raise MalformedError([GraphQLError("The document has several operations: name one in `operationName`.")])


class Documents:
    """Parses and validates against one schema; keeps up to `capacity` valid documents by their text."""

    def __init__(self, schema: GraphQLSchema, capacity: int = 500) -> None:
        self._schema = schema
        self._capacity = capacity
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def read(self, text: str) -> Document:
        """The document of a text. Raises MalformedError."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        document = Document(self._valid(self._parsed(text)))
        self._kept[text] = document
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return document

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return parse(
                text,
                max_tokens=MOST_TOKENS,
                max_source_length=MOST_CHARACTERS,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            raise MalformedError([_in_one_sentence(error)]) from error
        except GraphQLError as error:
            raise MalformedError([error]) from error

    def _valid(self, document: DocumentNode) -> DocumentNode:
        errors = validate(self._schema, document, RULES, max_errors=MOST_ERRORS, allow_empty_selection_sets=False)
        if errors:
            raise MalformedError(errors)
        return document


def _in_one_sentence(error: GraphQLSyntaxError) -> GraphQLError:
    """The parser's message with its place: a person reads the sentence, a program `locations`."""
    place = error.locations[0] if error.locations else None
    where = f" at line {place.line}, column {place.column}" if place else ""
    text = f"The document isn't valid GraphQL{where}: {error.message.removeprefix('Syntax Error: ')}"
    return GraphQLError(text, source=error.source, positions=error.positions)
