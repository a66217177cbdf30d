"""Fixtures of this folder: the provider's, and relying parties that are Smarter Balanced components."""

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.fixtures import app, browser, clock, gateway
from tests.smarter.components import register

__all__ = ["app", "browser", "clock", "components", "gateway"]


@pytest.fixture
async def components(gateway: Gateway, connection: Connection) -> None:
    """The relying parties of `tests.smarter.components`, beside those of the provider's tests."""
    await register(connection)
