"""Single requests to a server of this machine: their bytes, which the load repeats, and one whole answer to look at."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_LOOPBACK = "127.0.0.1"
_ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    location: str = ""
    """Where a redirect leads."""

    def json(self) -> Any:
        return orjson.loads(self.body)


def request_bytes(
    method: str, path: str, port: int, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}"]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def basic(name: str, secret: str) -> dict[str, str]:
    """The header of HTTP Basic (RFC 7617) for a name and a secret that need no form encoding."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


async def answer_to(port: int, request: bytes) -> Answer:
    """The answer, over a connection of its own. Raises OSError, also for what is no answer or comes too late."""
    reader, writer = await asyncio.open_connection(_LOOPBACK, port)
    try:
        writer.write(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        async with asyncio.timeout(_ANSWER_SECONDS):
            text = await reader.read(-1)
    finally:
        writer.close()
    head, _, body = text.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1."):
        raise ConnectionResetError("the connection was closed in place of an answer")
    if b"\r\ntransfer-encoding: chunked" in head.lower():
        body = _unchunked(body)
    return Answer(int(head.split(b" ", 2)[1]), body, _location(head))


def _location(head: bytes) -> str:
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return next((value.strip().decode("latin-1") for name, _, value in lines if name.lower() == b"location"), "")


def _unchunked(body: bytes) -> bytes:
    """RFC 9112 section 7.1."""
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        whole += rest[:length]
        body = rest[length + 2 :]
        if not length:
            break
    return whole
