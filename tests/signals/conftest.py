"""Fixtures of this folder: the provider's small state with receivers of signals, and a receiver's server."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.oidc.keys.ring import KeyRing
from gateway.signals.pushing import Pusher
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.fixtures import app, clock, gateway
from tests.oidc.world import http_of
from tests.signals.world import Api, Receiver, receivers

__all__ = ["app", "clock", "gateway"]


@pytest.fixture
async def http(app: Starlette, connection: Connection) -> AsyncIterator[httpx2.AsyncClient]:
    await receivers(connection)
    async with http_of(app) as opened:
        yield opened


@pytest.fixture
def api(http: httpx2.AsyncClient) -> Api:
    """The relying party `listener`, which sees CERS."""
    return Api(http)


@pytest.fixture
def pusher(gateway: Gateway) -> Pusher:
    """What one process pushes with, always after the same pause."""
    return Pusher(gateway, KeyRing(gateway.pool, gateway.secret_key), drawn=lambda: 0.5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    started.start()
    yield started
    started.stop()
