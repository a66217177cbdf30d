"""Fixtures of the provider's tests: the application over a small state, and browsers that call it."""

import secrets
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.packs_in_force import PacksInForce
from gateway.settings import Settings
from gateway.state import Gateway
from store.database import Pool
from tests import states
from tests.oidc.world import ISSUER, Browser, Clock, http_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gateway(pool: Pool, tmp_path: Path, clock: Clock, provider_state: None) -> AsyncIterator[Gateway]:
    """Resources over this test's database, with the packs that ship with Hallpass and `world.build`'s state."""
    async with pool.acquire() as connection:
        if not await connection.fetchval("select exists(select from organizations)"):  # a database of a module's own
            await states.provider_state(connection)
        packs = await PacksInForce.load(connection)
    with ThreadPoolExecutor(1) as hashing:
        yield Gateway(
            settings=Settings(data_dir=tmp_path, issuer=ISSUER, second_step="optional", new_device_code=False),
            secret_key=b"k" * 32,
            pool=pool,
            packs=packs,
            now=clock,
            new_id=uuid.uuid4,
            new_token=lambda: secrets.token_urlsafe(32),
            hashing=hashing,
        )


@pytest.fixture
def app(gateway: Gateway) -> Starlette:
    return create_app(gateway.settings, gateway)


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[Browser]:
    """A browser at the relying party `reporting`, without a session."""
    async with http_of(app) as http:
        yield Browser(http)
