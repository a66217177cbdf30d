"""The body of a `/graphql` request: read within its own limit, and refused early beyond it."""

from typing import Any

import orjson
from starlette.requests import Request

from gateway.refusals import Kind, RefusedError


async def read_body(request: Request, most: int) -> bytes:
    """The whole body. Raises RefusedError (TOO_LARGE) by what it announces or, at the latest, by what arrives."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    arrived = 0
    async for part in request.stream():
        arrived += len(part)
        if arrived > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


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
