"""The answers that refuse a request, by the kinds of `gateway.problems` and in the form that each path speaks."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.openapi.schemas import Schema, json_content, members, one_of, ref
from gateway.problems import ANSWERS
from gateway.refusals import Kind

REQUEST_ID_HEADER: Final = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
_CHALLENGE: Final = {"WWW-Authenticate": {"description": "What to prove, and how.", "schema": {"type": "string"}}}
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Sentence": {"type": "string", "minLength": 1, "description": "What was wrong, for a person (AuthZEN 10.1.2)."},
    "OAuthError": members(
        {"error": {"type": "string"}},
        {"error_description": {"type": "string"}},
        description="RFC 6749 section 5.2.",
    ),
    "Problem": members(
        {
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": sorted({one.status for one in ANSWERS.values()})},
            "detail": {"type": "string"},
            "code": one_of(kind.value for kind in Kind),
            "request_id": {"type": "string"},
        },
        description="RFC 9457.",
    ),
}
SENTENCE: Final = json_content(ref("Sentence"))
OAUTH_ERROR: Final = json_content(ref("OAuthError"))
PROBLEM: Final = json_content(ref("Problem"), "application/problem+json")


def answered(description: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """One answer, with the header that every answer has."""
    return {"description": description, "headers": REQUEST_ID_HEADER, "content": content}


def refusals(content: Mapping[str, Any], *kinds: Kind) -> dict[str, Any]:
    """Responses by status, of these kinds and of those that any request may meet."""
    found: dict[str, Any] = {}
    for kind in (*kinds, Kind.TOO_SLOW, Kind.TOO_LARGE, Kind.INTERNAL, Kind.UNAVAILABLE):
        known = ANSWERS[kind]
        found[str(known.status)] = answered(f"{known.title}.", content)
        if known.status == 401:
            found["401"]["headers"] = REQUEST_ID_HEADER | _CHALLENGE
    return found
