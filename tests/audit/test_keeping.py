"""The trail is sealed beside requests, by whichever process comes first."""

import asyncio

import pytest

from gateway.audit.sealing import keep_sealed, seal_all, sealing_key
from gateway.audit.verification import verify
from gateway.background import in_background
from gateway.state import Gateway
from store.audit_batches import head, waiting
from store.connection import Connection
from tests.audit.sealing_world import add

pytestmark = pytest.mark.rule("state")


async def test_what_waits_is_sealed_with_the_deployments_key(gateway: Gateway, connection: Connection) -> None:
    await add(connection, 5)
    made = await seal_all(gateway)
    assert made is not None
    assert await head(connection) == made
    async with connection.transaction():
        assert (await verify(connection, sealing_key(gateway.secret_key), made)).findings == ()
    assert await seal_all(gateway) is None


async def test_it_goes_on_until_it_is_stopped(gateway: Gateway, connection: Connection) -> None:
    async with in_background(keep_sealed(gateway, 0.01)):
        for _ in range(2):
            await add(connection, 1)
            async with asyncio.timeout(30):
                while (await waiting(connection)).events:  # noqa: ASYNC110 - the database has no event to wait for
                    await asyncio.sleep(0.01)
