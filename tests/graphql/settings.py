"""The application of a test under other settings."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2

from gateway.app import create_app
from gateway.state import Gateway
from tests.oidc.world import http_of


@asynccontextmanager
async def asked_under(gateway: Gateway, **changes: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of an application whose settings differ from the test's in these fields."""
    settings = replace(gateway.settings, **changes)
    async with http_of(create_app(settings, replace(gateway, settings=settings))) as http:
        yield http
