"""How the `/rest` addresses refuse: every answer is the envelope that components read, writing is always refused."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.problems import ANSWERS
from gateway.refusals import Kind, RefusedError
from policy.smarter.permission_service import envelope

Endpoint = Callable[[Request], Awaitable[Response]]

WRITING: Final = ("POST", "PUT", "PATCH", "DELETE")
_HEADERS: Final = {"Cache-Control": "no-store"}


def answered(endpoint: Endpoint) -> Endpoint:
    """The endpoint, whose refusals are envelopes too."""

    @wraps(endpoint)
    async def in_envelope(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RefusedError as refusal:
            answer = json_answer(envelope(None, refusal.message), ANSWERS[refusal.kind].status)
            answer.headers.update(refusal.headers)
            return answer

    return in_envelope


async def refuse_writing(request: Request) -> Response:
    """Roles and people are changed in Hallpass itself, by packs, mapping and its own pages."""
    answer = json_answer(envelope(None, "This service is read only: change packs or people in Hallpass."), 405)
    answer.headers["Allow"] = "GET, HEAD"
    return answer


def json_answer(body: Mapping[str, Any] | list[Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status_code=status, headers=_HEADERS, media_type="application/json")


def asked(request: Request, known: frozenset[str]) -> Mapping[str, str]:
    """The parameters of the address, blanks around them dropped and empty ones left out.

    Raises RefusedError (BAD_USER_INPUT) for one that is unknown, sent twice, very long or not text.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise bad_input(f"This service knows no parameter of that name; it knows {', '.join(sorted(known))}.")
        if name in found:
            raise bad_input(f"The parameter {name} was sent more than once.")
        if len(value) > _LONGEST or not value.isprintable():
            raise bad_input(f"The parameter {name} is too long, or holds control characters.")
        found[name] = value.strip()
    return {name: value for name, value in found.items() if value}


def bad_input(sentence: str) -> RefusedError:
    return RefusedError(Kind.BAD_USER_INPUT, sentence)


_LONGEST: Final = 200
