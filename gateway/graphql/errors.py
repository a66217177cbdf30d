"""Errors of an operation as the caller reads them: few codes, exact paths, nothing of what broke inside."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, Final

from graphql import GraphQLError

from gateway.graphql.unrevealing import without_names, without_values
from gateway.logging import logger
from gateway.problems import refusal_of
from gateway.refusals import Kind
from resolvers.refusals import RefusedError
from store.pages import PageRefusedError

_log = logger("hallpass.graphql")
BAD_USER_INPUT: Final = Kind.BAD_USER_INPUT.value


def formatted(
    errors: Iterable[GraphQLError], request_id: str, written: AbstractSet[str] | None = None
) -> list[dict[str, Any]]:
    """The `errors` of an answer. `written`: the names that the library's messages may use; None: any."""
    return [_formatted(error, request_id, written) for error in errors]


def _formatted(error: GraphQLError, request_id: str, written: AbstractSet[str] | None) -> dict[str, Any]:
    code, message = _told(error, request_id)
    if isinstance(error.original_error, GraphQLError | None) and message is error.message:
        message = without_values(message if written is None else without_names(message, written))
    body: dict[str, Any] = {"message": message}
    if error.locations:
        body["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        body["path"] = list(error.path)
    body["extensions"] = {"code": code, **(error.extensions or {})}
    return body


def _told(error: GraphQLError, request_id: str) -> tuple[str, str]:
    """Code and message: own words only where they were written for the caller."""
    cause = error.original_error
    if not error.path:  # before any field: the document or a variable is at fault
        return BAD_USER_INPUT, error.message
    match cause:
        case None | GraphQLError():
            return BAD_USER_INPUT, error.message
        case RefusedError():
            return cause.code.value, cause.message
        case PageRefusedError():
            return BAD_USER_INPUT, str(cause)
        case _:
            refusal = refusal_of(cause)
            _log.error("a field failed", path=str(error.path), exc_info=cause)
            return refusal.kind.value, f"{refusal.message} (request {request_id})"
