"""Whoever sends a body too slowly is cut off; a large one that comes at a bearable pace isn't, nor what follows it."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import Message

from gateway.arrivals import BYTES_A_SECOND, START_SECONDS, Arrivals
from gateway.refusals import Kind, RefusedError

PART = b"x" * BYTES_A_SECOND


class Sender:
    """Somebody who sends parts when she is told to, by a clock of her own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.arrivals = Arrivals(lambda: self.now)
        self.parts: asyncio.Queue[Message] = asyncio.Queue()

    def send(self, body: bytes, *, more: bool = True) -> None:
        self.parts.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def read(self, arrived: int = 0) -> asyncio.Task[Message]:
        return asyncio.create_task(self.arrivals.next_part(self.parts.get, 100.0, arrived))

    async def look_after(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now = 100.0 + seconds
        self.arrivals.look()
        await asyncio.sleep(0)


async def test_what_never_comes_is_given_up() -> None:
    sender = Sender()
    reading = sender.read()
    await sender.look_after(START_SECONDS - 1)
    assert not reading.done()
    await sender.look_after(START_SECONDS)
    with pytest.raises(RefusedError) as refused:
        await reading
    assert refused.value.kind is Kind.TOO_SLOW
    assert refused.value.headers == {"Connection": "close"}
    assert reading.cancelling() == 0, "an outer time limit doesn't take it for its own"


async def test_what_has_arrived_gives_it_more_time() -> None:
    sender = Sender()
    reading = sender.read(arrived=100 * len(PART))
    await sender.look_after(START_SECONDS + 99)
    assert not reading.done()
    sender.send(PART)
    assert (await reading)["body"] == PART
    await sender.look_after(10_000)


async def test_another_cancellation_stays_one() -> None:
    sender = Sender()
    reading = sender.read()
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    reading = sender.read()
    await asyncio.sleep(0)
    sender.now += START_SECONDS
    sender.arrivals.look()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_an_outer_time_limit_stays_one() -> None:
    sender = Sender()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await sender.arrivals.next_part(sender.parts.get, 100.0, 0)


async def call(app: Starlette, path: str, receive: Any) -> list[Message]:
    """The messages of the answer to a POST whose body comes by `receive`."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "server": ("localhost", 8000), "client": ("203.0.113.1", 1), "headers": [(b"host", b"localhost:8000")],
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


async def test_the_answer_is_408(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9110 section 15.5.9, and the connection is closed with it."""
    monkeypatch.setattr("gateway.arrivals.START_SECONDS", 0.01)
    monkeypatch.setattr("gateway.arrivals._LOOK_SECONDS", 0.02)
    first = True

    async def receive() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"x" * 50, "more_body": True}
        return await asyncio.get_running_loop().create_future()

    start, body = await call(app, "/trial/echo", receive)
    assert (start["status"], dict(start["headers"])[b"connection"]) == (408, b"close")
    assert orjson.loads(body["body"])["code"] == "TOO_SLOW"


@asynccontextmanager
async def served(app: Starlette) -> AsyncGenerator[int]:
    """The port of a real server; it takes connections that came before it was ready."""
    with socket.create_server(("localhost", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, http="httptools", lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


async def test_through_the_server(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers alone, and a part of the body: answered, and the connection is closed. A whole one is read as ever."""
    monkeypatch.setattr("gateway.arrivals.START_SECONDS", 0.05)
    monkeypatch.setattr("gateway.arrivals._LOOK_SECONDS", 0.05)
    head = b"POST /trial/echo HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: 10\r\n\r\n"
    async with served(app) as port:
        for sent, status in ((head, b"408"), (head + b"12345", b"408"), (head + b"1234567890", b"200")):
            reader, writer = await asyncio.open_connection("localhost", port)
            writer.write(sent)
            assert (await reader.readline()).split()[1] == status
            if status == b"408":
                assert b"connection: close" in (await reader.read()).lower()
            writer.close()
