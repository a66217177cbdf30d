"""While a file is applied, the people in it go on signing in; a reset or a suspension in hand is waited for."""

import asyncio
from typing import Final

import pytest

from gateway.state import Gateway
from policy.upload_kinds import UploadState
from store.sign_in import Account, account_by_email, signed_in
from store.upload_changes import lock_what_is_named
from tests.graphql.world import user_id
from tests.oidc.world import NOW
from tests.uploads.files import PARK_CODE, TE, move, toms, validated

_HASH: Final = "a hash"
_SOON: Final = 5.0


async def teacher(gateway: Gateway) -> Account:
    async with gateway.pool.acquire() as connection:
        await connection.execute("update users set password_hash = $2 where id = $1", user_id("teacher"), _HASH)
        found = await account_by_email(connection, "teacher@valley.example")
    assert found is not None
    return found


async def sign_in(gateway: Gateway, account: Account) -> bool:
    async with gateway.pool.acquire() as connection, connection.transaction():
        return await signed_in(connection, account, NOW) is not None


async def test_a_file_holds_up_no_sign_in(state: Gateway) -> None:
    account = await teacher(state)
    found = await validated(state, toms(("teacher@valley.example", TE, PARK_CODE)))
    await move(state, found.id, UploadState.APPLYING)
    async with state.pool.acquire() as applying, applying.transaction():
        await lock_what_is_named(applying, found.id)
        async with asyncio.timeout(_SOON):
            assert await sign_in(state, account)
    async with state.pool.acquire() as connection:
        last = "select last_sign_in_at from users where id = $1"
        assert await connection.fetchval(last, account.user) is None
        assert await sign_in(state, account)
        assert await connection.fetchval(last, account.user) == NOW


@pytest.mark.parametrize(
    "change",
    ["update users set status = 'suspended' where id = $1", "update users set password_hash = 'b' where id = $1"],
)
async def test_what_ends_access_is_waited_for(state: Gateway, change: str) -> None:
    account = await teacher(state)
    async with state.pool.acquire() as other:
        async with other.transaction():
            await other.execute(change, account.user)
            trying = asyncio.create_task(sign_in(state, account))
            await asyncio.wait((trying,), timeout=0.3)
            assert not trying.done()
        assert not await trying


async def test_who_ends_access_waits_for_a_sign_in_and_then_sees_its_session(state: Gateway) -> None:
    account = await teacher(state)
    async with state.pool.acquire() as entering, state.pool.acquire() as other:
        async with entering.transaction():
            assert await signed_in(entering, account, NOW)
            text = "update users set status = 'suspended' where id = $1"
            ending = asyncio.create_task(other.execute(text, account.user))
            await asyncio.wait((ending,), timeout=0.3)
            assert not ending.done()
        await ending
