"""From a document's text to a parsed and valid one; those seen lately are kept, within a bound."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

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

from gateway.graphql.cost import CostOf, Pricing
from gateway.graphql.shape import shape_errors
from gateway.graphql.text_rule import TextRule
from gateway.graphql.unrevealing import names_in, unrevealing
from gateway.graphql_settings import GraphQLSettings
from gateway.recent import Weighed

RULES: Final = (*specified_rules, MaxIntrospectionDepthRule, TextRule)
MOST_ERRORS: Final = 10
MOST_CHARACTERS: Final = 50_000
"""Of one document."""
MOST_KEPT: Final = 500
MOST_CHARACTERS_KEPT: Final = 2_000_000
NOT_TRUSTED: Final = "PERSISTED_QUERY_NOT_FOUND"
"""Apollo's code: its clients then send the text along."""

Found = TypeVar("Found")


class MalformedError(Exception):
    """The document can't be run; `errors` say what is wrong and where."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class NotTrustedError(MalformedError):
    """No trusted document has that hash, or the text that came isn't one of them."""

    def __init__(self, message: str) -> None:
        super().__init__([GraphQLError(message, extensions={"code": NOT_TRUSTED})])


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document. `names`: every name that it is written with."""

    node: DocumentNode
    names: frozenset[str] = frozenset()
    _costs: dict[str | None, CostOf] = field(default_factory=dict[str | None, CostOf], compare=False, repr=False)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run. Raises MalformedError where the name fits none, or is needed and missing."""
        found = get_operation_ast(self.node, name or None)
        if found is not None:
            return found
        if name:
            raise MalformedError([GraphQLError(f"The document has no operation named {name!r}.")])
        raise MalformedError([GraphQLError("The document has several operations: name one in `operationName`.")])

    def cost(self, operation: OperationDefinitionNode, pricing: Pricing) -> CostOf:
        """The cost of one of its operations, computed once."""
        name = operation.name.value if operation.name else None
        if name not in self._costs:
            self._costs[name] = _bounded(lambda: CostOf(pricing, self.node, operation))
        return self._costs[name]


class Documents:
    """Parses and validates against one schema; keeps lately used valid documents by their text.

    `trusted`: documents by their SHA-256 in hexadecimal digits; with `graphql_trusted_only` there are no others.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        settings: GraphQLSettings | None = None,
        trusted: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._schema = schema
        self._settings = settings or GraphQLSettings()
        self._trusted = trusted
        self._kept = Weighed[str, Document](MOST_KEPT, MOST_CHARACTERS_KEPT, lambda text, _: len(text))

    def read(self, text: str | None, digest: str | None = None) -> Document:
        """The document of a text, of a trusted one's hash, or of both where they agree. Raises MalformedError."""
        text = self._text(text, digest)
        kept = self._kept.get(text)
        if kept is not None:
            return kept
        document = Document(self._valid(text, self._parsed(text)), names_in(text))
        self._kept.put(text, document)
        return document

    def _text(self, text: str | None, digest: str | None) -> str:
        if text is None:
            found = self._trusted.get(digest or "")
            if found is None:
                raise NotTrustedError("There is no trusted document with this hash: send its text in `query`.")
            return found
        if digest is None and not self._settings.graphql_trusted_only:
            return text
        actual = hashlib.sha256(text.encode()).hexdigest()
        if digest is not None and digest != actual:
            raise MalformedError([GraphQLError("The hash isn't that of the document: send the SHA-256 of its text.")])
        if self._settings.graphql_trusted_only and actual not in self._trusted:
            raise NotTrustedError(
                "Only trusted documents are run here, and this isn't one: ask the operator to add it."
            )
        return text

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return _bounded(
                lambda: parse(
                    text,
                    max_tokens=self._settings.graphql_max_tokens,
                    max_source_length=MOST_CHARACTERS,
                    allow_empty_selection_sets=False,
                )
            )
        except GraphQLSyntaxError as error:
            raise MalformedError([_in_one_sentence(error)]) from error
        except GraphQLError as error:
            raise MalformedError([error]) from error

    def _valid(self, text: str, document: DocumentNode) -> DocumentNode:
        errors = shape_errors(document, self._settings)
        if not errors:
            errors = _bounded(lambda: self._validated(text, document))
        if errors:
            raise MalformedError(errors)
        return document

    def _validated(self, text: str, document: DocumentNode) -> list[GraphQLError]:
        open_words = self._settings.graphql_suggestions
        found = validate(
            self._schema,
            document,
            RULES,
            max_errors=MOST_ERRORS,
            allow_empty_selection_sets=False,
            hide_suggestions=not open_words,
        )
        return found if open_words else [unrevealing(error, names_in(text)) for error in found]


def _bounded(read: Callable[[], Found]) -> Found:
    """What is nested so deeply that reading it would run out of stack is refused like any other fault."""
    try:
        return read()
    except RecursionError as error:
        raise MalformedError([GraphQLError("The document is nested too deeply. Ask in parts.")]) from error


def _in_one_sentence(error: GraphQLSyntaxError) -> GraphQLError:
    """The parser's message with its place: a person reads the sentence, a program `locations`."""
    place = error.locations[0] if error.locations else None
    where = f" at line {place.line}, column {place.column}" if place else ""
    text = f"The document isn't valid GraphQL{where}: {error.message.removeprefix('Syntax Error: ')}"
    return GraphQLError(text, source=error.source, positions=error.positions)
