"""A receiver that sends slowly holds no database connection meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from starlette.types import Message

from gateway.app import create_app
from gateway.state import Gateway
from store.database import Connection, open_pool
from tests.oidc.world import http_of
from tests.signals.world import Api, receivers


@pytest.fixture
async def narrow(gateway: Gateway, connection: Connection, database_url: str) -> AsyncIterator[Gateway]:
    """A process with one connection to the database."""
    await receivers(connection)
    pool = await open_pool(database_url, maximum=1)
    yield replace(gateway, pool=pool)
    pool.terminate()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/ssf/streams"), ("PATCH", "/ssf/streams"), ("PUT", "/ssf/streams"), ("POST", "/ssf/status"),
        ("POST", "/ssf/verification"), ("POST", "/ssf/subjects/add"), ("POST", "/ssf/subjects/remove"),
        ("POST", "/ssf/poll/00000000-0000-0000-0000-000000000000"),
    ],
)  # fmt: skip
async def test_others_are_answered(narrow: Gateway, method: str, path: str) -> None:
    app = create_app(narrow.settings, narrow)
    async with http_of(app) as http:
        api = Api(http)
        headers = [
            (b"host", b"localhost:8000"), (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {await api.token()}".encode()),
        ]  # fmt: skip
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
            "server": ("localhost", 8000), "client": ("203.0.113.1", 1), "headers": headers,
        }  # fmt: skip
        waiting = asyncio.Event()

        async def receive() -> Message:
            waiting.set()
            return await asyncio.get_running_loop().create_future()

        async def send(_: Message) -> None:
            pass

        slow = asyncio.create_task(app(scope, receive, send))
        await waiting.wait()
        async with asyncio.timeout(5):
            assert await api.token()
        slow.cancel()
        await asyncio.wait((slow,))
