"""Fixtures of this folder: those of the provider, callers of GraphQL, and a district's provider to come from."""

from collections.abc import AsyncIterator

import pytest

from tests.federation.provider import FakeProvider, serving
from tests.graphql.conftest import as_person, as_system, as_token_bearer, http, signed_out
from tests.oidc.fixtures import app, browser, clock, gateway
from tests.oidc.world import Clock

__all__ = [
    "app", "as_person", "as_system", "as_token_bearer", "browser", "clock", "gateway", "http", "provider", "signed_out",
]  # fmt: skip


@pytest.fixture
async def provider(clock: Clock) -> AsyncIterator[FakeProvider]:
    """A provider on this machine that does as it is told."""
    async with serving(FakeProvider(clock)) as running:
        yield running
