"""Fixtures of the audit tests: the owner's connection, which can do what the gateway can't."""

from collections.abc import AsyncIterator

import pytest

from store.database import OWNER_ROLE, Connection, open_connection


@pytest.fixture
async def owner(owner_database_url: str) -> AsyncIterator[Connection]:
    opened = await open_connection(owner_database_url, OWNER_ROLE)
    yield opened
    await opened.close()
