"""A caller who is read while the process finds her changed once more is read again: no event is told by older facts."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.types import Message
from starlette.websockets import WebSocket

from gateway.caller_memory import Remembered
from gateway.graphql.subscriptions import socket
from gateway.graphql.subscriptions.socket import Socket
from store.live_marks import LiveMark
from tests.graphql.conftest import AsCaller
from tests.oidc.world import NOW


async def _heard() -> Message:
    return {"type": "websocket.connect"}


async def _told(_message: Message) -> None:
    return None


class _Slow:
    """Recognizes callers, and hands them out when it is told to."""

    def __init__(self) -> None:
        self.has_read, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, connection: HTTPConnection) -> Remembered:
        known = await _recognized(connection)
        self.has_read.set()
        await self.may_go_on.wait()
        return known


_recognized = socket.recognized


@pytest.fixture
async def opened(app: Starlette, as_person: AsCaller) -> Socket:
    cookie = (await as_person("teacher")).headers["Cookie"].encode()
    scope = {"type": "websocket", "app": app, "path": "/graphql", "query_string": b"", "headers": [(b"cookie", cookie)]}
    return Socket(WebSocket(scope, _heard, _told))


async def test_what_is_found_while_she_is_read_counts(opened: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened.caller()
    slow = _Slow()
    monkeypatch.setattr(socket, "recognized", slow)
    reading = asyncio.create_task(opened.caller(anew=True))
    await slow.has_read.wait()
    opened.look_at(LiveMark("another", NOW, None), NOW)
    slow.may_go_on.set()
    assert await opened.caller() is not await reading


async def test_a_reading_that_is_broken_off_is_done_again(opened: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await opened.caller()
    slow = _Slow()
    monkeypatch.setattr(socket, "recognized", slow)
    reading = asyncio.create_task(opened.caller(anew=True))
    await slow.has_read.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    slow.may_go_on.set()
    assert await opened.caller() is not before
