"""Fixtures of this folder: the application behind a real server, and sockets of each kind of caller."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import connect

from gateway.access_listener import Hearing, listening
from gateway.cookies import Cookie
from gateway.graphql.subscriptions.protocol import MOST_BYTES, SUBPROTOCOL
from gateway.state import Gateway
from store.database import Pool
from tests.graphql.conftest import as_person, as_system, as_token_bearer, http
from tests.graphql.world import Caller, session
from tests.oidc.fixtures import app, clock, gateway
from tests.oidc.world import ISSUER
from tests.subscriptions.talk import Talk

__all__ = ["app", "as_person", "as_system", "as_token_bearer", "clock", "gateway", "http"]

Connect = Callable[..., Awaitable[Talk]]
AsSession = Callable[..., Awaitable[Talk]]


@pytest.fixture
def look_seconds() -> float:
    """So often the listener of these tests looks by itself."""
    return 0.2


@pytest.fixture
async def address(app: Starlette, http: httpx2.AsyncClient) -> AsyncIterator[str]:
    """Where the application's WebSocket is, over the small state of `http`."""
    config = uvicorn.Config(
        app, port=0, lifespan="off", ws="websockets-sansio", ws_max_size=MOST_BYTES, ws_per_message_deflate=False,
        log_config=None,
    )  # fmt: skip
    served = uvicorn.Server(config)
    serving = asyncio.create_task(served.serve())
    while not served.started:  # noqa: ASYNC110 - the library sets a plain attribute
        await asyncio.sleep(0.01)
    port = served.servers[0].sockets[0].getsockname()[1]
    yield f"ws://127.0.0.1:{port}/graphql"
    served.should_exit = True
    await serving


@pytest.fixture
async def listener(database_url: str, gateway: Gateway, look_seconds: float) -> AsyncIterator[Hearing]:
    """The process's listener, which looks by itself more often than a real one."""
    hearing = Hearing(gateway.packs, gateway.live, gateway.now, look_seconds, pause_seconds=0.1)
    async with listening(database_url, hearing):
        yield hearing


@pytest.fixture
async def connected(address: str) -> AsyncIterator[Connect]:
    """A socket with the subprotocol; `headers` are the handshake's."""
    async with AsyncExitStack() as stack:

        async def open_one(path: str = "", protocols: tuple[str, ...] = (SUBPROTOCOL,), **headers: str) -> Talk:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            opening = connect(
                address + path, subprotocols=list(protocols) or None, additional_headers=named, compression=None  # pyright: ignore[reportArgumentType]
            )  # fmt: skip
            return Talk(await stack.enter_async_context(opening))

        yield open_one


@pytest.fixture
async def system(connected: Connect, as_system: Caller) -> Talk:
    """The system CERS, acknowledged by its token in connection_init."""
    return await acknowledged(await connected(), as_system)


@pytest.fixture
def in_session(connected: Connect, pool: Pool) -> AsSession:
    """A person's page, acknowledged by her session's cookie."""

    async def open_one(name: str) -> Talk:
        async with pool.acquire() as connection:
            cookie = await session(connection, name)
        talk = await connected(Cookie=f"{Cookie.SESSION}={cookie}", Origin=ISSUER)
        await talk.init()
        return talk

    return open_one


async def acknowledged(talk: Talk, caller: Caller) -> Talk:
    await talk.init(Authorization=caller.headers["Authorization"])
    return talk
