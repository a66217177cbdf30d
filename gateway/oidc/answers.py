"""How OAuth endpoints read forms and write answers: one content type in, uncached JSON out (RFC 6749 section 5)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.dpop.nonces import HEADER as NONCE_HEADER
from gateway.oidc.errors import InvalidRequestError, OAuth2Error, UseDpopNonceError, error_parameters
from gateway.oidc.parameters import Parameters
from gateway.whole_body import whole_body

FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 200
UNCACHED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


_JSON_HEADERS: Final = (
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in UNCACHED.items()),
)


async def read_form(request: Request) -> Parameters:
    """The posted parameters. Raises InvalidRequestError for another content type, repetition, or a query."""
    return form_of(request, await whole_body(request.receive))


def form_of(request: Request, body: bytes) -> Parameters:
    """The parameters of a body; raises as `read_form`.

    Read whole and at once: a form parser for streams takes ten times as long, and what arrives is bounded anyway.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"Send the parameters as {FORM}.")
    if request.scope["query_string"]:
        raise InvalidRequestError("Send the parameters in the body: addresses end up in logs.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise InvalidRequestError("The parameters are not a form of UTF-8.") from error
    parameters = Parameters(pairs)
    parameters.check()
    return parameters


class JsonAnswer(Response):
    """JSON that nobody keeps, with its headers written down once for all."""

    def __init__(self, body: bytes, status: int = 200) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [*_JSON_HEADERS, (b"content-length", b"%d" % len(body))]


def json_answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return JsonAnswer(orjson.dumps(body), status)


def error_answer(error: OAuth2Error) -> Response:
    """The error as JSON with its own status, and a challenge where the client failed to prove itself."""
    answer = json_answer(error_parameters(error), status=int(error.status_code))
    if isinstance(error, UseDpopNonceError):
        answer.headers[NONCE_HEADER] = error.nonce
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="hallpass", charset="UTF-8"'
    return answer
