"""The access version (decisions, From assignment to access): a larger one contains everything smaller."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.ids import UserId
from store.access_version import (
    CHANNEL,
    AccessVersion,
    InvalidAccessVersionError,
    raise_epoch,
    raise_versions,
    read_version,
)
from store.database import Connection, Pool
from store.people import load_person
from store.users import NewUser, create_user
from tests.policy.worlds import ident

ANN, BEA, CAI = (UserId(ident(name)) for name in ("ann", "bea", "cai"))


@pytest.fixture(autouse=True)
async def _users(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    for user, name in ((ANN, "Ann"), (BEA, "Bea"), (CAI, "Cai")):
        await create_user(connection, NewUser(user, f"{name}@example.org", name, "Bell"))


async def version(connection: Connection, user: UserId) -> int:
    found = await read_version(connection, user)
    loaded = await load_person(connection, user)
    assert loaded is not None
    assert found == loaded.version
    return loaded.version


async def test_only_the_persons_concerned_get_a_new_version(connection: Connection) -> None:
    before = await version(connection, BEA)
    async with connection.transaction():
        new = await raise_versions(connection, [ANN])
    assert await version(connection, ANN) == new > before
    assert await version(connection, BEA) == before
    assert await read_version(connection, UserId(ident("nobody"))) is None


async def test_the_epoch_concerns_everybody(connection: Connection) -> None:
    async with connection.transaction():
        new = await raise_epoch(connection)
    assert {await version(connection, user) for user in (ANN, BEA, CAI)} == {new}


async def test_a_rolled_back_change_raises_nothing(connection: Connection) -> None:
    before = await version(connection, ANN)

    async def fail() -> None:
        async with connection.transaction():
            await raise_versions(connection, [ANN])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await fail()
    assert await version(connection, ANN) == before


async def test_outside_a_transaction_it_is_refused(connection: Connection) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        await raise_versions(connection, [ANN])
    with pytest.raises(RuntimeError, match="inside the transaction"):
        await raise_epoch(connection)


async def test_versions_grow_in_the_order_of_commits_without_deadlocks(pool: Pool) -> None:
    drawn: list[int] = []

    async def change(number: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            users = [ANN, BEA, CAI] if number % 2 else [CAI, BEA, ANN]
            await connection.execute("update users set phone = $2 where id = $1", users[0], str(number))
            drawn.append(await raise_versions(connection, users[:1]) if number % 7 else await raise_epoch(connection))

    await asyncio.gather(*(change(number) for number in range(60)))
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == 60
    async with pool.acquire() as connection:
        assert max([await version(connection, user) for user in (ANN, BEA, CAI)]) == max(drawn)


async def test_a_change_is_told_after_commit(pool: Pool) -> None:
    told: asyncio.Queue[object] = asyncio.Queue()
    async with pool.acquire() as listening, pool.acquire() as connection:

        def listen(_connection: object, _process: int, _channel: str, payload: object) -> None:
            told.put_nowait(payload)

        await listening.add_listener(CHANNEL, listen)
        async with connection.transaction():
            await raise_versions(connection, [ANN])
            assert told.empty()
        assert await _next(told) == str(ANN)
        async with connection.transaction():
            await raise_epoch(connection)
        assert await _next(told) == "*"
        await listening.remove_listener(CHANNEL, listen)


@given(st.integers(1, 2**62))
def test_its_text_is_read_back(number: int) -> None:
    assert AccessVersion.of(AccessVersion(number).text) == AccessVersion(number)


@pytest.mark.parametrize(
    "text", ["", "7", "zz", "-1", "0x00000000000000", "f" * 16, "F" * 16, "5d3a9c714e2b8f0", "1" * 400]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidAccessVersionError, match="no access version"):
        AccessVersion.of(text)


async def _next(told: "asyncio.Queue[object]") -> object:
    async with asyncio.timeout(5):
        return await told.get()
