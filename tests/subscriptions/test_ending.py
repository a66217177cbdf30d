"""What ends a subscription, and when: a session, token, account, client or role that is gone; heard of or not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from gateway.access_listener import Hearing
from gateway.graphql.subscriptions import live, socket
from gateway.state import Gateway
from policy.facts import UserStatus
from store.access_version import raise_versions
from store.assignments import delete_assignments
from store.authorizations import revoke_authorization
from store.database import Connection, Pool
from store.sessions import finish_session
from store.users import set_user_status
from tests.databases import Databases
from tests.e2e import superuser
from tests.graphql.world import Caller, assignment_id, user_id
from tests.oidc.world import NOW, PARK, Clock
from tests.subscriptions.conftest import AsSession, Connect, acknowledged
from tests.subscriptions.talk import FOLLOW, Talk
from tests.subscriptions.test_following import changed, everybody_changed

pytestmark = pytest.mark.timeout(60)
LOSE_LISTENER = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'hallpass-listener' and datname = $1"
)
HEARD = pytest.mark.parametrize("look_seconds", [600])
"""The listener doesn't look by itself: what comes in time was heard of."""


@HEARD
@pytest.mark.usefixtures("listener")
async def test_signing_out_ends_it_at_once(in_session: AsSession, connection: Connection) -> None:
    talk = await in_session("teacher")
    await talk.follow("cers")
    async with connection.transaction():
        await finish_session(connection, await connection.fetchval("select id from sessions"), NOW)
    assert await talk.closed() == (4403, "The session has ended. Sign in again.")


@HEARD
@pytest.mark.usefixtures("listener")
async def test_a_suspended_account_ends_it_at_once(in_session: AsSession, connection: Connection) -> None:
    talk = await in_session("teacher")
    await talk.follow("cers")
    async with connection.transaction():
        await set_user_status(connection, user_id("teacher"), UserStatus.SUSPENDED, (UserStatus.ACTIVE,))
        await raise_versions(connection, [user_id("teacher")])
    assert await talk.closed() == (4403, "The session has ended. Sign in again.")


@HEARD
@pytest.mark.usefixtures("listener")
async def test_a_revoked_authorization_ends_it_at_once(
    connected: Connect, as_token_bearer: Callable[[str], Any], connection: Connection
) -> None:
    talk = await acknowledged(await connected(), await as_token_bearer("site"))
    await talk.follow("cers")
    await revoke_authorization(connection, await connection.fetchval("select id from authorizations"), NOW, "test")
    assert await talk.closed() == (4403, "The authorization behind the token was revoked.")


@HEARD
@pytest.mark.usefixtures("listener")
async def test_a_role_that_is_taken_ends_a_token_that_rests_on_it(
    connected: Connect, as_token_bearer: Callable[[str], Any], connection: Connection
) -> None:
    talk = await acknowledged(await connected(), await as_token_bearer("site"))
    await talk.follow("cers")
    async with connection.transaction():
        await delete_assignments(connection, [assignment_id("site", "site-coordinator", PARK)])
        await raise_versions(connection, [user_id("site")])
    assert await talk.told() == (str(user_id("site")), False, False)


@pytest.mark.usefixtures("listener")
async def test_a_deactivated_client_ends_it(system: Talk, connection: Connection) -> None:
    await system.follow("cers")
    await connection.execute("update relying_parties set active = false")
    assert await system.closed() == (4403, "The token's client is not active.")


async def test_what_begins_is_judged_by_the_database_and_not_by_the_last_look(
    system: Talk, connection: Connection
) -> None:
    """Nobody listens here."""
    await system.follow("cers")
    await connection.execute("update relying_parties set active = false")
    await system.ask(FOLLOW, "2", system="cers")
    assert await system.closed() == (4403, "The token's client is not active.")


@pytest.mark.usefixtures("listener")
async def test_a_system_that_is_no_longer_the_client_s_ends_the_operation_and_not_the_socket(
    system: Talk, connection: Connection
) -> None:
    await system.follow("cers")
    await connection.execute("update relying_parties set systems = '{toms}' where client_id = 'reporting'")
    assert await system.error() == ("FORBIDDEN", "You may not follow this any more: your access has changed.")
    await system.follow("toms", id_="2")


async def test_between_the_change_and_the_look_no_event_slips_through(
    system: Talk, connection: Connection, gateway: Gateway, listener: Hearing
) -> None:
    del listener
    await system.follow("cers")
    async with connection.transaction():
        await connection.execute("update relying_parties set systems = '{toms}' where client_id = 'reporting'")
        await raise_versions(connection, [user_id("teacher")])
    assert (await system.error())[0] == "FORBIDDEN"
    assert len(gateway.live) == 1


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize("limit", [timedelta(hours=1, seconds=1), timedelta(hours=12)], ids=["idle", "absolute"])
async def test_a_session_s_limits_end_it_though_it_is_open(
    in_session: AsSession, clock: Clock, limit: timedelta, connection: Connection
) -> None:
    talk = await in_session("teacher")
    await talk.follow("cers")
    if limit > timedelta(hours=2):
        await connection.execute("update sessions set last_seen_at = $1", NOW + limit)
    clock.now += limit
    assert await talk.closed() == (4403, "The session or token has ended. Connect again with a new one.")


@pytest.mark.usefixtures("listener")
async def test_an_open_socket_is_no_activity(in_session: AsSession, clock: Clock, connection: Connection) -> None:
    talk = await in_session("teacher")
    await talk.follow("cers")
    clock.forward(minutes=30)
    await changed(connection, "teacher")
    await talk.told()
    assert await connection.fetchval("select last_seen_at from sessions") == NOW


@pytest.mark.usefixtures("listener")
async def test_a_token_s_time_ends_it(system: Talk, clock: Clock) -> None:
    await system.follow("cers")
    clock.forward(minutes=5)
    assert await system.closed() == (4403, "The session or token has ended. Connect again with a new one.")


@pytest.mark.usefixtures("listener")
async def test_what_no_notification_tells_is_seen_all_the_same(
    system: Talk, in_session: AsSession, connection: Connection
) -> None:
    """As behind a pool that passes no notifications on: the rows are written, and nobody is called."""
    await system.follow("cers")
    own = await in_session("colleague")
    await own.follow("cers")
    async with connection.transaction():
        await connection.execute("update access_state set version = version + 1")
        await connection.execute(
            "insert into access_changes (version, user_id, roles) "
            "select version, $1, '{caaspp test-administrator 2026-27}' from access_state",
            user_id("teacher"),
        )
        await connection.execute("update sessions set ended_at = $1", NOW)
    assert await system.told() == (str(user_id("teacher")), False, False)
    assert (await own.closed())[0] == 4403


async def test_a_listener_that_loses_its_connection_comes_back_and_misses_nothing(
    system: Talk, connection: Connection, listener: Hearing, server: Databases, database_name: str
) -> None:
    del listener
    await system.follow("cers")
    for _ in range(3):
        superuser.ask(server, LOSE_LISTENER, database_name)
        version = await changed(connection, "teacher")
        assert (await system.event())["accessVersion"] == version


@pytest.mark.usefixtures("_no_listener")
async def test_without_the_database_it_ends_after_a_while(
    system: Talk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await system.follow("cers")
    gateway.live.not_seen()
    monkeypatch.setattr(live, "MOST_SECONDS_UNSEEN", -1.0)
    gateway.live.not_seen()
    code, reason = await system.closed()
    assert (code, "database" in reason) == (1013, True)


@pytest.fixture
def _no_listener() -> None:  # pyright: ignore[reportUnusedFunction]
    """Nobody listens in this process."""


async def test_a_reader_who_does_not_read_is_closed_and_holds_nothing(
    system: Talk,
    connection: Connection,
    gateway: Gateway,
    listener: Hearing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del listener
    monkeypatch.setattr(socket, "STALL_SECONDS", 0.3)
    await system.follow("cers")
    system.socket.transport.pause_reading()
    payload = {"x": "x" * 60_000}
    stuffing = asyncio.create_task(_stuff(system, payload))
    async with asyncio.timeout(30):
        while len(gateway.live):
            await everybody_changed(connection)
            await asyncio.sleep(0.02)
    stuffing.cancel()
    system.socket.transport.resume_reading()
    code, reason = await system.closed()
    assert (code, reason) == (1013, "You read more slowly than there is to tell. Connect again and resume.")


async def _stuff(talk: Talk, payload: dict[str, str]) -> None:
    """Pings whose answers nobody takes."""
    while True:
        await talk.say("ping", payload=payload)


async def test_a_thousand_idle_subscriptions_hold_no_connection_and_cost_one_statement_each_time(
    connected: Connect, as_system: Caller, gateway: Gateway, pool: Pool, connection: Connection, listener: Hearing
) -> None:
    del listener
    talks = [await acknowledged(await connected(), as_system) for _ in range(50)]
    for talk in talks:
        for number in range(20):
            await talk.ask(FOLLOW, str(number), system="cers")
    for talk in talks:
        for _ in range(20):
            assert (await talk.hear())["type"] == "next"
    assert pool.get_size() - pool.get_idle_size() <= 1, "only this test's own connection is in use"
    assert len(gateway.live) == 50
    version = await changed(connection, "teacher")
    for talk in talks:
        heard = [await talk.hear() for _ in range(20)]
        assert {one["payload"]["data"]["accessChanged"]["accessVersion"] for one in heard} == {version}
    assert pool.get_size() - pool.get_idle_size() <= 1


async def test_leaving_is_forgotten(system: Talk, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    await system.follow("cers")
    assert len(gateway.live) == 1
    assert "hallpass_websockets 1.0" in (await http.get("/metrics")).text
    await system.socket.close()
    async with asyncio.timeout(10):
        while "hallpass_websockets 0.0" not in (await http.get("/metrics")).text:  # noqa: ASYNC110 - as seen from outside
            await asyncio.sleep(0.01)
    assert len(gateway.live) == 0
    assert gateway.live.feed.position is None
