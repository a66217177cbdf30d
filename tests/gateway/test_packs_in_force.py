"""A changed pack counts at the next request, heard of or not."""

import asyncio

from gateway.access_listener import Hearing, listening
from gateway.graphql.subscriptions.live import Live
from gateway.packs_in_force import PacksInForce
from gateway.resources import utc_now
from policy.packs import Packs
from store.access_version import raise_epoch, read_epoch
from store.database import Connection, Pool
from store.packs import ensure_default_packs


async def _store_packs(connection: Connection) -> int:
    async with connection.transaction():
        await ensure_default_packs(connection)
    return await read_epoch(connection)


async def test_a_request_that_read_a_newer_epoch_gets_newer_packs(connection: Connection) -> None:
    in_force = await PacksInForce.load(connection)
    assert in_force.current.programs() == ()
    epoch = await _store_packs(connection)
    assert (await in_force.at(connection, epoch)).programs()
    assert in_force.current.programs()


async def test_packs_are_read_once_per_epoch(pool: Pool, connection: Connection) -> None:
    in_force = await PacksInForce.load(connection)
    epoch = await _store_packs(connection)

    async def ask() -> Packs:
        async with pool.acquire() as another:
            return await in_force.at(another, epoch)

    first, *others = await asyncio.gather(*(ask() for _ in range(4)))
    assert all(packs is first for packs in others)
    assert await in_force.at(connection, epoch - 1) is first


async def test_a_change_is_heard_of_without_a_request(database_url: str, connection: Connection) -> None:
    in_force = await PacksInForce.load(connection)
    async with listening(database_url, Hearing(in_force, Live(), utc_now)), asyncio.timeout(20):
        while not in_force.current.programs():
            await _store_packs(connection)
            async with connection.transaction():
                await raise_epoch(connection)
            await asyncio.sleep(0.02)
