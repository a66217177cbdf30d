"""The one table from what went wrong to OAuth, GraphQL, problem+json and pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.logging import logger
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.refusals import Kind, RefusedError
from store.database import DatabaseError

_log = logger("hallpass.problems")


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of refusal is spelled: HTTP status, OAuth error (RFC 6749 §5.2, RFC 6750 §3.1), a page's title."""

    status: int
    oauth: str
    title: str


ANSWERS: Final[Mapping[Kind, Answer]] = {
    Kind.UNAUTHENTICATED: Answer(401, "invalid_token", "Sign in first"),
    Kind.FORBIDDEN: Answer(403, "access_denied", "You can't do this"),
    Kind.NOT_FOUND: Answer(404, "invalid_request", "There is nothing here"),
    Kind.BAD_USER_INPUT: Answer(400, "invalid_request", "This request can't be understood"),
    Kind.METHOD_NOT_ALLOWED: Answer(405, "invalid_request", "This address can't be used that way"),
    Kind.NOT_ACCEPTABLE: Answer(406, "invalid_request", "This isn't available in that form"),
    Kind.TOO_SLOW: Answer(408, "invalid_request", "This took too long to arrive"),
    Kind.TOO_LARGE: Answer(413, "invalid_request", "This is too large"),
    Kind.UNSUPPORTED_MEDIA_TYPE: Answer(415, "invalid_request", "This kind of content isn't read here"),
    Kind.THROTTLED: Answer(429, "temporarily_unavailable", "Too many requests"),
    Kind.DEADLINE: Answer(503, "temporarily_unavailable", "This took too long"),
    Kind.UNAVAILABLE: Answer(503, "temporarily_unavailable", "Not available at the moment"),
    Kind.INTERNAL: Answer(500, "server_error", "Something broke on our side"),
}
_AWAY_ERRORS: Final = (ConnectionError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)
_KIND_OF_STATUS: Final = {answer.status: kind for kind, answer in ANSWERS.items()}
_UNAVAILABLE_ERRORS: Final = (
    OSError,
    DatabaseError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement just after the server's farewell and before the connection's end
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
)
_SENTENCES: Final[Mapping[Kind, str]] = {
    Kind.NOT_FOUND: "There is nothing at this address, or it isn't visible to you. Check the address.",
    Kind.METHOD_NOT_ALLOWED: "This address doesn't take that method. See the Allow header for those that it takes.",
    Kind.UNAVAILABLE: "The database can't be reached at the moment. Try again in a minute.",
    Kind.INTERNAL: "The request could not be answered. Try again; if it happens again, report the number.",
}


def refusal_of(error: Exception) -> RefusedError:
    """What a caller is told about an error: its own words only where they were written for a person."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, HTTPException):
        kind = _KIND_OF_STATUS.get(error.status_code, Kind.BAD_USER_INPUT if error.status_code < 500 else Kind.INTERNAL)
        return RefusedError(kind, _SENTENCES.get(kind, f"{error.detail}."), dict(error.headers or {}))
    kind = Kind.UNAVAILABLE if isinstance(error, _UNAVAILABLE_ERRORS) else Kind.INTERNAL
    return RefusedError(kind, _SENTENCES[kind], {"Retry-After": "30"} if kind is Kind.UNAVAILABLE else None)


def problem_response(request: Request, error: Exception) -> Response:
    """The refusal in the form that the caller reads: a page, OAuth's JSON, GraphQL's, or problem+json (RFC 9457)."""
    refusal = refusal_of(error)
    answer = ANSWERS[refusal.kind]
    request_id = request_id_of(request.scope)
    path = request.url.path
    if "text/html" in request.headers.get("accept", "") and not path.startswith(_DECISIONS):
        context = {"title": answer.title, "message": refusal.message, "request_id": request_id}
        response: Response = render(request, "error.html", context, status=answer.status)
    else:
        media_type, body = _json_of(path, refusal, answer, request_id)
        response = Response(orjson.dumps(body), status_code=answer.status, media_type=media_type)
    response.headers.update(refusal.headers)
    return response


_DECISIONS: Final = "/access/v1/"


def _json_of(path: str, refusal: RefusedError, answer: Answer, request_id: str) -> tuple[str, dict[str, object] | str]:
    if path.startswith(_DECISIONS):  # AuthZEN 10.1.2: an error message string
        return "application/json", refusal.message
    if path.startswith("/oauth2/"):
        return "application/json", {"error": refusal.oauth or answer.oauth, "error_description": refusal.message}
    if path == "/graphql":
        extensions = {"code": refusal.kind.value, "requestId": request_id}
        return "application/json", {"errors": [{"message": refusal.message, "extensions": extensions}]}
    problem = {"title": answer.title, "status": answer.status, "detail": refusal.message, "code": refusal.kind.value}
    return "application/problem+json", {**problem, "request_id": request_id}


async def handle(request: Request, error: Exception) -> Response:
    """Starlette's handler for what endpoints raise on purpose."""
    return problem_response(request, error)


def tell(error: Exception) -> None:
    """One short line where the database is away: every request of that time meets it."""
    if isinstance(error, _AWAY_ERRORS):
        _log.warning("the database can't be reached", reason=type(error).__name__)
    elif not _is_the_callers(error):
        _log.error("unexpected error", exc_info=error)


def _is_the_callers(error: Exception) -> bool:
    """Whether it says what is wrong with the request: whoever sends bad ones fills no disk."""
    return isinstance(error, RefusedError) or (isinstance(error, HTTPException) and error.status_code < 500)
