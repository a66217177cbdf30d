"""`/readyz` names what is not in order: the database, its migrations, the keys."""

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from gateway import checks
from gateway.app import create_app
from gateway.oidc.keys.ring import KeyRing
from gateway.state import Gateway
from store.database import Connection, open_connection, open_pool
from tests.gateway.conftest import NOW, client_of


async def _states(client: httpx2.AsyncClient) -> tuple[int, dict[str, str | None]]:
    answer = await client.get("/readyz")
    return answer.status_code, {check["name"]: check.get("problem") for check in answer.json()["checks"]}


async def test_alive_without_a_database(client: httpx2.AsyncClient, gateway: Gateway) -> None:
    gateway.pool.terminate()
    assert (await client.get("/healthz")).status_code == 200


async def test_ready_when_everything_is(client: httpx2.AsyncClient, gateway: Gateway) -> None:
    await KeyRing(gateway.pool, gateway.secret_key).at(NOW)
    assert await _states(client) == (200, {"database": None, "migrations": None, "keys": None})


async def test_not_ready_without_keys(client: httpx2.AsyncClient) -> None:
    status, states = await _states(client)
    assert status == 503
    assert states["database"] is states["migrations"] is None
    assert "No key signs" in str(states["keys"])


async def test_not_ready_while_keys_only_sign_later(gateway: Gateway) -> None:
    await KeyRing(gateway.pool, gateway.secret_key).at(NOW)
    earlier = replace(gateway, now=lambda: NOW - timedelta(hours=2))
    async with client_of(create_app(gateway.settings, earlier)) as client:
        status, states = await _states(client)
    assert status == 503
    assert "No key signs" in str(states["keys"])


async def test_not_ready_on_a_database_that_is_not_migrated(
    client: httpx2.AsyncClient, owner_database_url: str
) -> None:
    await _set_revision(owner_database_url, "0000")
    status, states = await _states(client)
    assert status == 503
    assert states["database"] is None
    assert "0000" in str(states["migrations"])


async def test_not_ready_without_a_database(client: httpx2.AsyncClient, gateway: Gateway) -> None:
    gateway.pool.terminate()
    status, states = await _states(client)
    assert status == 503
    assert all(problem and "can't be reached" in problem for problem in states.values())


async def test_a_check_that_hangs_ends_in_a_sentence(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(connection: Connection, _: object) -> None:
        await connection.fetchval("select pg_sleep(60)")

    monkeypatch.setattr(checks, "LONGEST_CHECK", 0.2)
    (found,) = await checks.findings(gateway.pool, (("slow", hang),), NOW)
    assert "did not answer within" in str(found.problem)


async def test_clocks_that_differ_are_told(gateway: Gateway) -> None:
    (found,) = await checks.findings(gateway.pool, (("clock", checks.clocks_agree),), NOW - timedelta(days=9999))
    assert "clock" in str(found.problem)


async def test_the_serving_role_is_weak_and_the_owner_is_not(gateway: Gateway, owner_database_url: str) -> None:
    (found,) = await checks.findings(gateway.pool, (("rights", checks.role_is_weak),), NOW)
    assert found.ok, found.problem
    owner = await open_connection(owner_database_url, None)
    try:
        assert "create tables" in str(await checks.role_is_weak(owner, NOW))
    finally:
        await owner.close()


async def _set_revision(owner_url: str, revision: str) -> None:
    owner = await open_connection(owner_url, None)
    try:
        await owner.execute("update hallpass.alembic_version set version_num = $1", revision)
    finally:
        await owner.close()


async def test_a_pool_that_is_full_is_not_ready(
    gateway: Gateway, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "LONGEST_CHECK", 0.2)
    pool = await open_pool(database_url, maximum=1)
    try:
        async with pool.acquire():
            found = await checks.findings(pool, checks.READINESS, NOW)
    finally:
        pool.terminate()
    assert [finding.ok for finding in found] == [False, False, False]
