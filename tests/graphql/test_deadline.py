"""A request that takes too long is stopped, and so is its statement in the database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.graphql.deadline import Deadline
from gateway.state import Gateway
from resolvers import roles
from resolvers.asking import Asking
from store.database import Connection, open_connection
from tests.graphql.conftest import AsCaller
from tests.graphql.settings import asked_under
from tests.graphql.world import Caller

ASLEEP = "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
LOCKED = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
SLOW = '{ assignableRoles(organization: "x", program: "caaspp", schoolYear: "2026-27") { code } }'


@pytest.fixture
async def watching(connection: Connection) -> Connection:
    """A connection of the serving role, which sees what its others do."""
    return connection


@pytest.fixture
async def owner(owner_database_url: str) -> AsyncIterator[Connection]:
    """A connection that may lock tables."""
    opened = await open_connection(owner_database_url, None)
    yield opened
    await opened.close()


@pytest.fixture
def slow_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """One field becomes a statement that sleeps."""

    async def sleeping(asking: Asking, *_: Any) -> Any:
        return await asking.reads.run(lambda connection: connection.execute("select pg_sleep(60)"))

    monkeypatch.setattr(roles, "assignable", sleeping)


async def until(seen: Callable[[int], bool], connection: Connection, statement: str) -> None:
    for _ in range(200):
        if seen(await connection.fetchval(statement)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(statement)


@pytest.mark.usefixtures("slow_roles")
@pytest.mark.checklist("58 time")
async def test_the_statement_of_a_request_that_takes_too_long_is_gone(
    as_person: AsCaller, gateway: Gateway, watching: Connection
) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_deadline=1) as http:
        caller = Caller(http, asking.headers)
        await caller.ask("{ __typename }")
        request = asyncio.create_task(caller.post(SLOW))
        await until(lambda count: count == 1, watching, ASLEEP)
        response = await request
        assert response.status_code == 503
        (error,) = response.json()["errors"]
        assert error["message"].startswith("The request took longer than 1 s and was stopped.")
        assert error["extensions"] == {"code": "DEADLINE", "requestId": response.headers["x-request-id"]}
        await until(lambda count: count == 0, watching, ASLEEP)
        answer = await caller.ask("{ viewer { user { firstName } } }")
        assert answer["data"] == {"viewer": {"user": {"firstName": "Primary"}}}, "connections serve again"


async def test_so_is_a_read_that_waits_for_a_lock(
    as_person: AsCaller, gateway: Gateway, owner: Connection, watching: Connection
) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_deadline=1) as http:
        caller = Caller(http, asking.headers)
        await caller.ask("{ organizations { nodes { name } } }")
        async with owner.transaction():
            await owner.execute("lock table hallpass.organizations in access exclusive mode")
            request = asyncio.create_task(caller.post("{ organizations { nodes { name } } }"))
            await until(lambda count: count == 1, watching, LOCKED)
            response = await request
            assert response.status_code == 503
            await until(lambda count: count == 0, watching, LOCKED)
        assert (await caller.data("{ organizations { totalCount } }"))["organizations"]["totalCount"] > 0


@pytest.mark.usefixtures("slow_roles")
async def test_a_batch_has_one_deadline(as_person: AsCaller, gateway: Gateway) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_deadline=1, graphql_max_batch=60) as http:
        response = await http.post("/graphql", json=[{"query": SLOW}] * 60, headers=asking.headers)
    assert response.status_code == 503


async def test_requests_one_after_another_share_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[object] = []
    loop = asyncio.get_running_loop()
    later = loop.call_later

    def counted(delay: float, callback: Callable[..., object], *given: Any) -> asyncio.TimerHandle:
        timers.append(callback)
        return later(delay, callback, *given)

    monkeypatch.setattr(loop, "call_later", counted)
    for _ in range(100):
        async with Deadline(5):
            pass
    assert len(timers) == 1
