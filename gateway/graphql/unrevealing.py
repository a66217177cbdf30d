"""Messages about a document that tell nothing of the schema: no suggestion, no name that the caller didn't write."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from graphql import GraphQLError

_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_KNOWN: Final = frozenset(
    {"Query", "Mutation", "Subscription", "Int", "Float", "String", "Boolean", "ID", "skip", "include", "if"}
)
"""What the specification names itself, and the roots, which `query`, `mutation` and `subscription` stand for."""
_QUOTED: Final = re.compile(r"'([^']*)'")
_SUGGESTION: Final = re.compile(r" Did you mean [^?]*\?")
_VALUE: Final = re.compile(r"( cannot represent [^:\"']*value|,? (?:but )?found): .*", re.DOTALL)
_OWN_WORDS: Final = re.compile(r"but encountered error '(.*)'; found")
"""What a scalar of ours says about a value: written for the caller."""

_IN_OTHER_WORDS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^Cannot query field ('[^']*') on type '[^']*'", r"Cannot query field \1 here."),
        (r"^Field ('[^']*') of type '[^']*' must have", r"Field \1 must have a selection of subfields."),
        (r"^Field ('[^']*') must not have a selection", r"Field \1 must not have a selection of subfields."),
        (r"^Unknown argument ('[^']*') on field '(?:[^'.]*\.)?([^']*)'", r"Unknown argument \1 on field '\2'."),
        (r"^Argument '(?:[^'.]*\.)?(\w+)\(\w+:\)' of type", r"Field '\1' lacks an argument that it requires."),
        (r"^Argument '@(\w+)", r"Directive '@\1' lacks an argument that it requires."),
        (r"^Fragment ('[^']*') cannot be spread here", r"Fragment \1 cannot be spread here."),
        (r"^Fragment cannot be spread here", "The fragment cannot be spread here."),
        (r"^Fragment ('[^']*') cannot condition", r"Fragment \1 cannot be on that type."),
        (r"^Variable ('\$\w+') of type ('[^']*') used in", r"Variable \1 of type \2 cannot be used here."),
        (r"^Variable ('\$\w+') is of type", r"Variable \1 must be non-nullable here."),
        (r"^Fields ('[^']*') conflict", r"Fields \1 conflict: use different aliases."),
        (r"to include required field", "An object lacks a field that is required there."),
        (r"not to include unknown field ('[^']*')", r"Field \1 is not one of those accepted there."),
        (r"exactly one field must be", "Of this object's fields exactly one must be given, and not as null."),
        (r"non-null type", "A value that is required here is null."),
        (r"Value ('[^']*') does not exist", r"Value \1 is not one of those accepted here."),
        (r"^Variable ('\$\w+') has invalid value", r"Variable \1 has a value that is not accepted there."),
    )
)


def unrevealing(error: GraphQLError, written: AbstractSet[str]) -> GraphQLError:
    """The error, its message rewritten where it names what isn't among the `written` names."""
    message = without_names(error.message, written)
    if message == error.message:
        return error
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        original_error=error.original_error,
    )


def names_in(text: str) -> frozenset[str]:
    """The names that a document, or the JSON of its variables, is written with."""
    return frozenset(_NAME.findall(text))


def without_names(message: str, written: AbstractSet[str]) -> str:
    """The message, or one that says the same of the caller's own words only."""
    message = _SUGGESTION.sub("", message)
    if _quoted_names(message) <= written | _KNOWN:
        return message
    own = _OWN_WORDS.search(message)
    if own is not None:
        return own[1]
    for pattern, words in _IN_OTHER_WORDS:
        found = pattern.search(message)
        if found is not None and _quoted_names(told := found.expand(words)) <= written | _KNOWN:
            return told
    return "A value or field is not accepted at this place."


def without_values(message: str) -> str:
    """The message without the value that it is about: that could be a student's number."""
    return _VALUE.sub(r"\1.", message)


def _quoted_names(message: str) -> set[str]:
    return {name for quoted in _QUOTED.findall(message) for name in _NAME.findall(quoted)}
