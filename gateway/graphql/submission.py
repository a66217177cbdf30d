"""What a GraphQL-over-HTTP request submits: the document, its variables, the operation to run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from starlette.requests import Request

from gateway.csrf import from_own_page
from gateway.refusals import Kind, RefusedError
from gateway.settings import Settings

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"


@dataclass(frozen=True, slots=True)
class Submission:
    document: str
    variables: Mapping[str, Any]
    operation: str | None


async def read_submission(request: Request, settings: Settings) -> Submission:
    """The submission of a GET or POST (GraphQL over HTTP, sections 5 and 6). Raises RefusedError.

    A POST must be JSON: a content type that no form can send, so that another site's page can't post with a cookie.
    """
    if request.method == "GET":
        return _from_query(request)
    if not from_own_page(request, settings):
        raise RefusedError(Kind.FORBIDDEN, "This request was sent by a page of another site.")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON}.")
    return _from_mapping(_json_object(await request.body(), "The body"))


def answer_type(request: Request) -> str:
    """The media type that the caller prefers of the two that there are; the newer one where she doesn't say."""
    accepted = {part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")}
    return JSON if JSON in accepted and GRAPHQL_JSON not in accepted else GRAPHQL_JSON


def _from_query(request: Request) -> Submission:
    asked = request.query_params
    variables = asked.get("variables")
    return _from_mapping(
        {
            "query": asked.get("query"),
            "variables": _json_object(variables.encode(), "`variables`") if variables else None,
            "operationName": asked.get("operationName"),
        }
    )


def _from_mapping(asked: Mapping[str, Any]) -> Submission:
    document, variables, operation = asked.get("query"), asked.get("variables"), asked.get("operationName")
    if not isinstance(document, str) or not document.strip():
        raise _malformed("The request has no GraphQL document: send it as text in `query`.")
    if variables is not None and not isinstance(variables, dict):
        raise _malformed("`variables` must be an object.")
    if operation is not None and not isinstance(operation, str):
        raise _malformed("`operationName` must be a text.")
    given = cast("dict[str, Any]", variables or {})
    if _has_null_character(given):
        raise _malformed("A text in `variables` holds a null character: leave it out.")
    return Submission(document, given, operation or None)


def _json_object(data: bytes, what: str) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _malformed(f"{what} isn't JSON at line {error.lineno}, column {error.colno}: {error.msg}.") from error
    if not isinstance(found, dict):
        raise _malformed(f"{what} must be one JSON object; requests can't be sent in batches.")
    return cast("dict[str, Any]", found)


def _has_null_character(value: object) -> bool:
    """No name, address or code has one, and the database can't store it."""
    pending: list[object] = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, dict):
            pending.extend(cast("dict[object, object]", one).values())
        elif isinstance(one, list):
            pending.extend(cast("list[object]", one))
    return False


def _malformed(message: str) -> RefusedError:
    return RefusedError(Kind.BAD_USER_INPUT, message)
