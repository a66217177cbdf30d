"""A mail with a link that is made while the address changes: the link goes to the new one, or is worth nothing."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.mail import composing
from gateway.mail.composing import Composed, compose
from gateway.signin.email_changes import apply_if_ready
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection, Pool
from store.email_changes import EmailChange, begin_email_change, confirm_new_address, confirm_old_address
from store.email_changes import open_email_change as locked_change
from store.messages import Message, Notice
from tests.graphql.world import user_id
from tests.oidc.world import Clock
from tests.waiting import as_far_as_it_gets

OLD, NEW = "colleague@valley.example", "col.new@valley.example"
pytestmark = pytest.mark.usefixtures("callers_state")


async def ready_change(connection: Connection, clock: Clock) -> UUID:
    """Confirmed from both addresses, and not applied yet."""
    user = UserId(user_id("colleague"))
    made = UUID(int=7)
    new = EmailChange(made, user, NEW, False, user, clock.now, clock.now + timedelta(days=1))
    async with connection.transaction():
        await begin_email_change(connection, new)
        await confirm_old_address(connection, made, clock.now)
        await confirm_new_address(connection, made, clock.now)
    return made


async def applied(gateway: Gateway, change: UUID) -> None:
    async with gateway.pool.acquire() as connection, connection.transaction():
        found = await locked_change(connection, change, gateway.now())
        assert found is not None
        assert await apply_if_ready(gateway, connection, found)


@pytest.mark.parametrize("template", ["password-reset", "invitation"])
async def test_the_address_changes_between(
    gateway: Gateway, pool: Pool, connection: Connection, clock: Clock, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    if template == "invitation":
        await connection.execute("update users set status = 'invited' where id = $1", user_id("colleague"))
    change = await ready_change(connection, clock)
    tasks: list[asyncio.Task[None]] = []
    real = composing.make_link

    async def make_link(*arguments: Any) -> Any:
        """The address was read; now somebody applies the change, as far as she gets."""
        tasks.append(asyncio.create_task(applied(gateway, change)))
        await as_far_as_it_gets(connection, tasks[0])
        return await real(*arguments)

    monkeypatch.setattr(composing, "make_link", make_link)
    notices = (Notice(template, {}, None),)
    message = Message(UUID(int=8), UserId(user_id("colleague")), template, notices, 30, 1, timedelta())
    async with pool.acquire() as worker, worker.transaction():
        composed = await compose(gateway, worker, message)
    await asyncio.gather(*tasks)
    assert isinstance(composed, Composed)
    good = await connection.fetchval("select count(*) from account_links where used_at is null")
    assert await connection.fetchval("select email from users where id = $1", user_id("colleague")) == NEW
    assert (composed.address, good) == (OLD, 0)


async def test_the_address_has_changed_already(
    gateway: Gateway, pool: Pool, connection: Connection, clock: Clock
) -> None:
    """Whoever composes waits for the change, and reads the new address."""
    change = await ready_change(connection, clock)
    notices = (Notice("password-reset", {}, None),)
    message = Message(UUID(int=8), UserId(user_id("colleague")), "password-reset", notices, 30, 1, timedelta())

    async def composed() -> Any:
        async with pool.acquire() as worker, worker.transaction():
            return await compose(gateway, worker, message)

    async with pool.acquire() as changing:
        async with changing.transaction():
            found = await locked_change(changing, change, gateway.now())
            assert found is not None
            assert await apply_if_ready(gateway, changing, found)
            composing_ = asyncio.create_task(composed())
            await as_far_as_it_gets(connection, composing_)
        letter = await composing_
    assert letter.address == NEW
    assert await connection.fetchval("select count(*) from account_links where used_at is null") == 1
