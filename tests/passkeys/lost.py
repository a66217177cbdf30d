"""Resets of lost factors as tests ask for them, confirm them and let the day pass."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from store.account_links import insert_link
from store.database import Connection
from tests.graphql.world import Caller, user_id
from tests.oidc.world import NOW, Browser, csrf

RESET = """mutation ($input: UserInput!) { resetSecondFactors(input: $input) {
    user { id } userErrors { path code rule message remedy } } }"""


async def with_factors(connection: Connection, name: str = "colleague") -> None:
    """A passkey, an app, recovery codes and a known browser."""
    user = user_id(name)
    await connection.execute(
        "insert into passkeys values ($1, $2, $3, 'key', 0, false, false, '{}', $1, 'Laptop', $4)",
        uuid.uuid4(), user, user.bytes, NOW,
    )  # fmt: skip
    await connection.execute("insert into totp_secrets values ($1, true, 'sealed', 0, $2)", user, NOW)
    await connection.execute("insert into recovery_codes values ($1, 'hash', $2)", user, NOW)
    await connection.execute(
        "insert into known_devices values ($1, $2, 'token', null, $3, $3)", uuid.uuid4(), user, NOW
    )


async def factors_of(connection: Connection, name: str = "colleague") -> int:
    user = user_id(name)
    return await connection.fetchval(
        "select (select count(*) from passkeys where user_id = $1) + (select count(*) from totp_secrets where "
        "user_id = $1) + (select count(*) from recovery_codes where user_id = $1) + (select count(*) from "
        "known_devices where user_id = $1)",
        user,
    )


async def asked(asking: Caller, name: str = "colleague") -> list[str]:
    """The codes of the refusals; empty: it is asked for."""
    payload: dict[str, Any] = (await asking.data(RESET, input={"user": str(user_id(name))}))["resetSecondFactors"]
    return [one["code"] for one in payload["userErrors"]]


async def open_reset(connection: Connection) -> UUID:
    return await connection.fetchval("select id from factor_resets where applied_at is null and canceled_at is null")


async def mailed(connection: Connection, reset: UUID, name: str = "colleague", purpose: str = "factors-confirm") -> str:
    """The token of the link in the mail, as the worker makes it when it sends that."""
    token = secrets.token_urlsafe(32)
    await insert_link(
        connection, hashlib.sha256(token.encode()).digest(), user_id(name), purpose=purpose, now=NOW,
        expires_at=NOW + timedelta(hours=24), factor_reset=reset,
    )  # fmt: skip
    return token


async def clicked(browser: Browser, token: str, choice: str = "confirm") -> tuple[int, str]:
    page = await browser.http.get("/account/lost-factors", params={"token": token})
    if page.status_code != 200:
        return page.status_code, page.text
    form = {"csrf": csrf(page), "token": token, "choice": choice}
    answer = await browser.http.post("/account/lost-factors", data=form)
    return answer.status_code, answer.text
