"""A server for tests of the load process: answers as its script says, and knows what it was sent."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Script = Callable[[int], bytes | None]
"""The answer to the request of that number, from 0; None: close the connection without one."""

REQUEST = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"


def answer(status: int = 200, body: bytes = b"ok", more: str = "") -> bytes:
    return f"HTTP/1.1 {status} Some\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


@dataclass(slots=True)
class TinyServer:
    port: int
    requests: int = 0
    connections: int = 0
    bodies: set[bytes] = field(default_factory=set[bytes])


@asynccontextmanager
async def tiny_server(
    script: Script, delay: float = 0, delay_of: Callable[[int], float] = lambda _: 0.0
) -> AsyncGenerator[TinyServer]:
    """`delay`: seconds before each answer; `delay_of`: what is added for the request of that number."""
    seen = TinyServer(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                seen.bodies.add(await reader.readexactly(length))
                number, seen.requests = seen.requests, seen.requests + 1
                await asyncio.sleep(delay + delay_of(number))
                text = script(number)
                if text is None:
                    break
                writer.write(text)
                if b"Connection: close" in text:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
