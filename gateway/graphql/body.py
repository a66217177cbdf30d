"""The body of a `/graphql` request: read within its own limit, and refused early beyond it."""

from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.refusals import Kind, RefusedError


async def read_body(request: Request, most: int) -> bytes:
    """The whole body. Raises RefusedError (TOO_LARGE) by what it announces or, at the latest, by what arrives."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    body, more = await _part(request)
    if len(body) > most:
        raise _too_large(most)
    if not more:
        return body
    parts, arrived = [body], len(body)
    while more:
        body, more = await _part(request)
        arrived += len(body)
        if arrived > most:
            raise _too_large(most)
        parts.append(body)
    return b"".join(parts)


async def _part(request: Request) -> tuple[bytes, bool]:
    """The next part, and whether more come. Raises ClientDisconnect where the client has left."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def read_json(data: bytes, what: str) -> Any:
    """Raises RefusedError with the place of what isn't JSON (RFC 8259); of keys that come twice the last counts."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        text = f"{what} isn't JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        raise RefusedError(Kind.BAD_USER_INPUT, text) from error


def _too_large(most: int) -> RefusedError:
    text = f"The request is larger than {most:,} bytes. Ask in parts, or send values as variables by page."
    return RefusedError(Kind.TOO_LARGE, text, {"Connection": "close"})
