"""Fixtures of this folder: the gateway over the small state of the GraphQL tests."""

import pytest

from gateway.state import Gateway
from tests.graphql.world import populate
from tests.oidc.fixtures import app, clock, gateway

__all__ = ["app", "clock", "gateway"]


@pytest.fixture
async def state(gateway: Gateway) -> Gateway:
    """The gateway with everybody of the small state in its database."""
    async with gateway.pool.acquire() as connection:
        await populate(connection)
    return gateway
