"""Reads AuthZEN's JSON strictly: each member with its type, and none that nobody knows, which might have narrowed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, cast

import orjson
from starlette.requests import Request

from gateway.csrf import from_own_page
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from gateway.whole_body import whole_body
from policy.facts import Level
from resolvers.references import LevelAndCode, OrganizationReference, read_id

JSON: Final = "application/json"
_JSON_BYTES: Final = JSON.encode()
Json = Mapping[str, Any]
NOTHING: Final[Json] = {}
_LEVELS: Final = {level.value: level for level in Level}
LONGEST_TEXT: Final = 1000


class MalformedError(ValueError):
    """What is wrong with a question, as one sentence for whoever wrote the request."""


async def read_body(request: Request) -> Json:
    """The body as a JSON object. Raises RefusedError."""
    return json_of(request, await whole_body(request.receive))


def json_of(request: Request, sent: bytes) -> Json:
    """A body that was read before the caller was judged, as a JSON object. Raises RefusedError."""
    headers = dict(request.scope["headers"])
    browser = b"origin" in headers or b"sec-fetch-site" in headers
    if browser and not from_own_page(request, gateway_of(request).settings.issuer):
        raise RefusedError(Kind.FORBIDDEN, "This request was sent by a page of another site.")
    content_type = headers.get(b"content-type", b"")
    if content_type != _JSON_BYTES and content_type.partition(b";")[0].strip().lower() != _JSON_BYTES:
        raise _refused(f"Send the request with Content-Type: {JSON}.")
    try:
        body = orjson.loads(sent)
    except orjson.JSONDecodeError as error:
        text = f"The body isn't JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        raise _refused(text) from error
    if type(body) is not dict:
        raise _refused("The body must be one JSON object.")
    return cast(Json, body)


def _refused(sentence: str) -> RefusedError:
    return RefusedError(Kind.BAD_USER_INPUT, sentence)


def object_of(value: object, what: str) -> Json:
    """A JSON object. Raises MalformedError."""
    if type(value) is dict:
        return cast(Json, value)
    raise MalformedError(f"{what} is missing." if value is None else f"{what} must be a JSON object.")


def text_of(value: object, what: str) -> str:
    """A text that isn't empty. Raises MalformedError."""
    if type(value) is str and value and len(value) <= LONGEST_TEXT and "\0" not in value:
        return value
    if value is None:
        raise MalformedError(f"{what} is missing.")
    raise MalformedError(f"{what} must be a text of 1 to {LONGEST_TEXT} characters, without null characters.")


def optional_text(values: Json, name: str, where: str) -> str | None:
    """A text, or None where there is none (also null). Raises MalformedError."""
    value = values.get(name)
    return None if value is None else text_of(value, f"{where}.{name}")


def known_members(values: Json, known: frozenset[str], what: str) -> Json:
    """The object, when it has no member of another name. Raises MalformedError: what isn't understood could narrow."""
    for name in values:
        if name not in known:
            known_names = ", ".join(sorted(known)) or "none"
            raise MalformedError(f"{what} has the unknown member {name[:40]!r}; known: {known_names}.")
    return values


def properties_of(entity: Json, known: frozenset[str], what: str) -> Json:
    """The entity's properties. Raises MalformedError."""
    found = entity.get("properties")
    if found is None:
        return NOTHING
    return known_members(object_of(found, f"{what}.properties"), known, f"{what}.properties")


@lru_cache(maxsize=50_000)
def organization_of(text: str) -> OrganizationReference | None:
    """An organization by id or as `level:code`; None for what can be neither, which nothing has."""
    level, colon, code = text.partition(":")
    if not colon:
        return read_id(text)
    return LevelAndCode(_LEVELS[level], code) if level in _LEVELS and code else None
