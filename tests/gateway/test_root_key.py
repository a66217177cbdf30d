"""The root key: random, under the secret key, which can be changed without losing what hangs on it (ASVS 11, 13)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.jobs.signing_keys import rotate_old_keys
from gateway.oidc.keys.ring import KeyRing
from gateway.outbox.daily import Day
from gateway.root_key import open_root_key, present_root_key
from gateway.settings import Settings, SettingsError
from gateway.state import Gateway
from store.database import Connection, Pool
from tests.oidc.world import NOW

FIRST, SECOND = b"1" * 32, b"2" * 32


@pytest.fixture
def first(settings: Settings) -> Settings:
    return replace(settings, secret_key=FIRST)


async def test_processes_that_start_at_once_agree(pool: Pool, first: Settings) -> None:
    async def opened() -> bytes:
        async with pool.acquire() as connection:
            return await open_root_key(connection, first)

    assert len(set(await asyncio.gather(*(opened() for _ in range(4))))) == 1


async def test_it_is_random_and_lies_encrypted(connection: Connection, first: Settings) -> None:
    root = await open_root_key(connection, first)
    kept = await connection.fetchval("select sealed from root_key")
    assert len(root) == 32
    assert root != FIRST
    assert root not in kept
    assert await open_root_key(connection, first) == root


async def test_a_changed_secret_key_takes_it_over_once(connection: Connection, first: Settings) -> None:
    """And the secret key before it is worthless from then on."""
    root = await open_root_key(connection, first)
    changed = replace(first, secret_key=SECOND, previous_secret_key=FIRST)
    assert await open_root_key(connection, changed) == root
    assert await open_root_key(connection, replace(first, secret_key=SECOND)) == root
    with pytest.raises(SettingsError, match="HALLPASS_PREVIOUS_SECRET_KEY"):
        await open_root_key(connection, first)


async def test_another_secret_key_opens_nothing_and_changes_nothing(connection: Connection, first: Settings) -> None:
    root = await open_root_key(connection, first)
    wrong = replace(first, secret_key=SECOND, previous_secret_key=b"3" * 32)
    for opening in (open_root_key, present_root_key):
        with pytest.raises(SettingsError):
            await opening(connection, wrong)
    assert await present_root_key(connection, first) == root


async def test_looking_makes_none(connection: Connection, first: Settings) -> None:
    assert await present_root_key(connection, first) == FIRST, "as databases from before have it"
    assert await connection.fetchval("select count(*) from root_key") == 0


async def test_a_database_from_before_goes_on_under_its_secret_key(
    pool: Pool, connection: Connection, first: Settings
) -> None:
    signer = (await KeyRing(pool, FIRST).at(NOW)).signer("ES256", NOW).kid
    root = await open_root_key(connection, first)
    assert (await KeyRing(pool, root).at(NOW)).signer("ES256", NOW).kid == signer
    changed = replace(first, secret_key=SECOND, previous_secret_key=FIRST)
    root = await open_root_key(connection, changed)
    assert (await KeyRing(pool, root).at(NOW)).signer("ES256", NOW).kid == signer


async def test_signing_keys_are_rotated_by_schedule(gateway: Gateway, connection: Connection) -> None:
    ring = KeyRing(gateway.pool, gateway.secret_key)
    old = set((await ring.at(NOW)).keys)

    async def on(days: int, every: int = 90) -> set[str]:
        now = NOW + timedelta(days=days)
        later = replace(gateway, now=lambda: now, settings=replace(gateway.settings, signing_key_days=every))
        async with connection.transaction():
            assert await rotate_old_keys(Day(later, now.date(), None), connection) is None
        return set((await KeyRing(gateway.pool, gateway.secret_key).at(now)).keys)

    assert await on(89) == old
    assert await on(400, every=0) == old
    assert len(await on(90)) == 4, "the old ones are published on beside the new"
    assert len(await on(91)) == 4, "and these are new enough"
    assert old.isdisjoint(await on(92))
