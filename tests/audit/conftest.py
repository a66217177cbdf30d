"""Fixtures of the audit tests: the owner's connection, which can do what the gateway can't, and callers of GraphQL."""

from collections.abc import AsyncIterator

import pytest

from store.database import OWNER_ROLE, Connection, open_connection
from tests.graphql.conftest import as_person, http, signed_out
from tests.oidc.fixtures import app, clock, gateway

__all__ = ["app", "as_person", "clock", "gateway", "http", "signed_out"]


@pytest.fixture
async def owner(owner_database_url: str) -> AsyncIterator[Connection]:
    opened = await open_connection(owner_database_url, OWNER_ROLE)
    yield opened
    await opened.close()
