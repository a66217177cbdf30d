"""Fixtures of this folder: the application over the demo state, and its named people as browsers."""

import re
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.demo.clients import register
from gateway.demo.load import load_demo
from gateway.demo.mix import mix
from gateway.demo.sign_ins import demo_password_hash
from gateway.packs_in_force import PacksInForce
from gateway.settings import Settings
from gateway.state import Gateway
from store.database import open_pool
from store.packs import ensure_default_packs

ISSUER = "http://localhost:8000"
EXAMPLE = "http://localhost:8001/"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Browser:
    """One person's browser, which asks for pages."""

    http: httpx2.AsyncClient

    async def get(self, path: str) -> httpx2.Response:
        """Where the person has a choice of roles, a page that names none leads to the one that does."""
        answer = await self.http.get(path)
        if answer.status_code == 303 and "as=" in answer.headers["location"] and "as=" not in path:
            return await self.http.get(answer.headers["location"])
        return answer

    async def post(self, path: str, page: httpx2.Response, **fields: str) -> httpx2.Response:
        """Send a form with the token of the page that it stands on."""
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.text
        return await self.http.post(path, data={"csrf": found[1], **fields}, headers={"Origin": ISSUER})


SignIn = Callable[[str], Awaitable[Browser]]


@pytest.fixture
async def app(module_database_url: str, tmp_path: Path) -> AsyncIterator[Starlette]:
    """The module's tests share one demo state of 200 people, loaded by the first."""
    pool = await open_pool(module_database_url, maximum=5)
    settings = Settings(data_dir=tmp_path, issuer=ISSUER, second_step="optional", new_device_code=False)
    with ThreadPoolExecutor(1) as hashing:
        async with pool.acquire() as connection:
            async with connection.transaction():
                await ensure_default_packs(connection)
            packs = await PacksInForce.load(connection)
            hashed = await demo_password_hash(settings, hashing)
            await load_demo(connection, 200, packs.current, hashed)
            await register(connection, packs.current, tmp_path, secrets.token_hex, EXAMPLE)
        gateway = Gateway(
            settings=settings,
            secret_key=b"k" * 32,
            pool=pool,
            packs=packs,
            now=lambda: NOW,
            new_id=uuid.uuid4,
            new_token=secrets.token_urlsafe,
            hashing=hashing,
        )
        yield create_app(settings, gateway)
    pool.terminate()


@pytest.fixture
async def signed_out(app: Starlette) -> AsyncIterator[Browser]:
    async with _http(app) as http:
        yield Browser(http)


@pytest.fixture
async def sign_in(app: Starlette) -> AsyncIterator[SignIn]:
    """Signs a named person in by the first part of her address."""
    opened: list[httpx2.AsyncClient] = []

    async def sign_in(name: str) -> Browser:
        http = _http(app)
        opened.append(http)
        browser = Browser(http)
        fields = {"email": f"{name}@example.org", "password": mix().password, "next": "/"}
        answer = await browser.post("/signin", await browser.get("/signin"), **fields)
        assert answer.status_code == 303, answer.text
        return browser

    yield sign_in
    for http in opened:
        await http.aclose()


def _http(app: Starlette) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url=ISSUER, headers={"Accept": "text/html"})
