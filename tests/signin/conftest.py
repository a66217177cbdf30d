"""Fixtures of this folder: those of the provider, and one where roles are held to their second step."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from tests.oidc.fixtures import app, browser, clock, gateway
from tests.oidc.world import Browser, http_of

__all__ = ["app", "browser", "clock", "gateway"]


@pytest.fixture
def strict(gateway: Gateway) -> Gateway:
    """Roles are held to their second step; codes by mail are off."""
    return replace(gateway, settings=replace(gateway.settings, second_step="required"))


@pytest.fixture
def coded(gateway: Gateway) -> Gateway:
    """Besides, whoever has no second step types a code from the mail in a new browser."""
    settings = replace(
        gateway.settings,
        second_step="required",
        new_device_code=True,
        smtp_host="mail.example",
        mail_from="a@b.example",
    )
    return replace(gateway, settings=settings)


@pytest.fixture
async def strict_browser(strict: Gateway) -> AsyncIterator[Browser]:
    async with http_of(create_app(strict.settings, strict)) as http:
        yield Browser(http)


@pytest.fixture
async def coded_browser(coded: Gateway) -> AsyncIterator[Browser]:
    async with http_of(create_app(coded.settings, coded)) as http:
        yield Browser(http)


@pytest.fixture
def app_of() -> Callable[[Gateway], Starlette]:
    return lambda gateway: create_app(gateway.settings, gateway)
