"""Signing keys: made once, sealed, published before use and after it (checklist 21, ASVS 11)."""

import asyncio
from datetime import timedelta

import pytest

from gateway.oidc.keys.ring import (
    HINTS_AFTER_USE,
    PUBLISHED_AFTER_USE,
    PUBLISHED_BEFORE_USE,
    KeyRing,
    KeysUnreadableError,
)
from gateway.state import Gateway
from store.database import Connection, Pool
from tests.oidc.world import NOW, PARK, Browser, Clock, bearer, header_of, person, returned

SECRET_KEY = b"k" * 32


async def test_two_processes_make_one_key_of_each_algorithm(pool: Pool, connection: Connection) -> None:
    sets = await asyncio.gather(*(KeyRing(pool, SECRET_KEY).at(NOW) for _ in range(3)))
    assert len({frozenset(keys.keys) for keys in sets}) == 1
    assert await connection.fetchval("select count(*) from signing_keys") == 2


@pytest.mark.checklist("17 keys encrypted")
async def test_private_keys_lie_encrypted(pool: Pool, connection: Connection) -> None:
    await KeyRing(pool, SECRET_KEY).at(NOW)
    for sealed in await connection.fetch("select private_key from signing_keys"):
        assert b"PRIVATE" not in sealed["private_key"]
        assert not sealed["private_key"].startswith(b"0")
    with pytest.raises(KeysUnreadableError, match="HALLPASS_SECRET_KEY"):
        await KeyRing(pool, b"x" * 32).at(NOW)


@pytest.mark.checklist("21 before it is known", "21 while its tokens live")
@pytest.mark.conformance("oidcc-server-rotate-keys")
async def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(pool: Pool) -> None:
    ring, elsewhere = KeyRing(pool, SECRET_KEY), KeyRing(pool, SECRET_KEY)
    old = (await elsewhere.at(NOW)).signer("ES256", NOW).kid
    new = (await ring.rotate(NOW, "yearly"))["ES256"]
    soon = NOW + timedelta(minutes=2)
    keys = await elsewhere.at(soon)
    assert {old, new} <= set(keys.keys)
    assert keys.signer("ES256", soon).kid == old
    turn = NOW + PUBLISHED_BEFORE_USE
    assert (await elsewhere.at(turn)).signer("ES256", turn).kid == new
    late = turn + PUBLISHED_AFTER_USE
    assert old in (await elsewhere.at(late - timedelta(seconds=1))).keys
    assert old not in (await elsewhere.at(late + timedelta(minutes=2))).keys


@pytest.mark.checklist(21)
async def test_rotating_twice_leaves_one_signer(pool: Pool) -> None:
    ring = KeyRing(pool, SECRET_KEY)
    await ring.at(NOW)
    await ring.rotate(NOW, "yearly")
    newest = (await ring.rotate(NOW + timedelta(minutes=1), "yearly"))["RS256"]
    at = NOW + timedelta(hours=2)
    assert (await ring.at(at)).signer("RS256", at).kid == newest
    between = NOW + timedelta(minutes=30)
    assert (await ring.at(between)).signer("RS256", between)


async def test_the_first_keys_sign_also_where_the_clock_is_behind(pool: Pool) -> None:
    await KeyRing(pool, SECRET_KEY).at(NOW)
    behind = NOW - timedelta(seconds=30)
    assert (await KeyRing(pool, SECRET_KEY).at(behind)).signer("ES256", behind)


async def test_a_rotation_and_its_audit_are_one(pool: Pool, connection: Connection) -> None:
    made = await KeyRing(pool, SECRET_KEY).rotate(NOW, "yearly")
    rows = await connection.fetch("select target_id, operator_reason from audit_events")
    assert {(row["target_id"], row["operator_reason"]) for row in rows} == {(kid, "yearly") for kid in made.values()}


async def test_keys_are_read_again_while_every_connection_is_held(gateway: Gateway, clock: Clock) -> None:
    """Callers that hold all of the pool's connections and wait for the keys would wait for ever for a further one."""
    size = gateway.pool.get_max_size()
    ring = KeyRing(gateway.pool, gateway.secret_key)
    await ring.at(clock.now)
    clock.forward(minutes=2)
    all_hold_one = asyncio.Barrier(size)

    async def holder() -> int:
        async with gateway.pool.acquire() as held:
            await all_hold_one.wait()
            return len((await ring.at(clock.now, held)).keys)

    async with asyncio.timeout(20):
        assert await asyncio.gather(*(holder() for _ in range(size))) == [2] * size


async def test_endpoints_read_them_on_the_connection_that_they_hold(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    tokens = await browser.tokens()
    clock.forward(minutes=2)
    requests = [browser.authorize(id_token_hint=tokens["id_token"], prompt="none") for _ in range(12)]
    async with asyncio.timeout(20):
        assert {answer.status_code for answer in await asyncio.gather(*requests)} == {303}


@pytest.mark.checklist("21 private parts")
async def test_the_key_set_has_no_private_part_and_is_cached_for_minutes(gateway: Gateway, browser: Browser) -> None:
    answer = await browser.http.get("/oauth2/jwks")
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert {(key["alg"], key["use"], key["kty"]) for key in keys} == {("ES256", "sig", "EC"), ("RS256", "sig", "RSA")}
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {name for key in keys for name in key}


@pytest.mark.checklist("21 while its tokens live")
@pytest.mark.conformance("oidcc-server-rotate-keys")
async def test_tokens_survive_a_rotation(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    before = header_of((await browser.tokens())["access_token"])["kid"]
    await KeyRing(gateway.pool, gateway.secret_key).rotate(clock.now, "yearly")
    clock.forward(minutes=58)
    token = (await browser.tokens())["access_token"]
    assert header_of(token)["kid"] == before
    clock.forward(minutes=3)
    assert header_of((await browser.tokens())["access_token"])["kid"] != before
    answer = await browser.http.get("/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.checklist(21)
@pytest.mark.checklist(31)
async def test_an_id_token_is_a_hint_for_thirty_days_after_its_key(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """Relying parties hold ID tokens over rotations; the old keys verify nothing else and aren't published."""
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    tokens = await browser.tokens()
    hint = tokens["id_token"]
    ring = KeyRing(gateway.pool, gateway.secret_key)
    for reason in ("the first", "the second"):
        await ring.rotate(clock.now, reason)
        clock.forward(hours=26)
    await browser.sign_in("ana")
    published = {key["kid"] for key in (await browser.http.get("/oauth2/jwks")).json()["keys"]}
    old = {header_of(tokens[name])["kid"] for name in ("id_token", "access_token")}
    assert len(old) == 2
    assert not old & published
    assert "code" in returned(await browser.authorize(id_token_hint=hint, prompt="none"))
    assert returned(await browser.authorize(id_token_hint=tokens["access_token"]))["error"] == "invalid_request"
    assert (await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))).status_code == 401
    page = await browser.http.get("/oauth2/logout", params={"id_token_hint": hint})
    assert (page.status_code, "You are signed out" in page.text) == (200, True)
    assert (await browser.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    clock.now = NOW + PUBLISHED_BEFORE_USE + HINTS_AFTER_USE + timedelta(minutes=1)
    assert (await browser.http.get("/oauth2/logout", params={"id_token_hint": hint})).status_code == 400
    assert returned(await browser.authorize(id_token_hint=hint))["error"] == "invalid_request"
