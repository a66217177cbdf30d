"""The console's action for somebody who lost every second step, on that person's page."""

import uuid

from starlette.applications import Starlette

from tests.console.conftest import NOW, SignIn, app, sign_in
from tests.console.test_accounts import person_page

__all__ = ["app", "sign_in"]


async def test_a_coordinator_has_lost_second_steps_removed(sign_in: SignIn, app: Starlette) -> None:
    browser = await sign_in("coordinator")
    address = await person_page(browser, "teacher@example.org")
    page = await browser.get(address)
    assert "Second step lost: remove it" in page.text
    none = await browser.post(f"{address}/reset-second-step", page)
    assert (none.status_code, "has no second step" in none.text) == (422, True)
    user = uuid.UUID(address.rpartition("/")[2])
    async with app.state.gateway.pool.acquire() as connection:
        await connection.execute(
            "insert into passkeys values ($1, $2, 'id', 'key', 0, false, false, '{}', $1, 'Laptop', $3)",
            uuid.uuid4(), user, NOW,
        )  # fmt: skip
    done = await browser.post(f"{address}/reset-second-step", page)
    assert (done.status_code, done.headers["location"]) == (303, f"{address}?done=reset-second-step")
    assert "asked by mail to confirm it" in (await browser.get(done.headers["location"])).text
    async with app.state.gateway.pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from passkeys where user_id = $1", user) == 1
        assert await connection.fetchval("select count(*) from factor_resets where user_id = $1", user) == 1
