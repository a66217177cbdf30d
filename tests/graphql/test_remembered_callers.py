"""Callers from memory: only what was sent the same way is the same caller, and only while nothing has changed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from gateway.cookies import Cookie
from gateway.graphql.subscriptions.credentials import recognized
from store.database import Connection, open_connection
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import Caller
from tests.oidc.world import Clock

_WHO = "{ viewer { id } }"


@pytest.fixture
async def owner(owner_database_url: str) -> AsyncIterator[Connection]:
    """A connection that may change everything, and tells nobody."""
    opened = await open_connection(owner_database_url, None)
    yield opened
    await opened.close()


async def test_a_remembered_token_is_no_cookie(as_token_bearer: AsTokenBearer) -> None:
    caller = await as_token_bearer("primary")
    assert (await caller.data(_WHO))["viewer"] is not None
    (token,) = caller.headers.values()
    assert (await Caller(caller.http, {"Cookie": token}).data(_WHO))["viewer"] is None


async def test_a_remembered_cookie_is_no_token(as_person: AsCaller) -> None:
    caller = await as_person("primary")
    assert (await caller.data(_WHO))["viewer"] is not None
    answer = await Caller(caller.http, {"Authorization": caller.headers["Cookie"]}).post(_WHO)
    assert answer.status_code == 401


async def test_a_remembered_token_and_a_session_are_still_two(
    as_token_bearer: AsTokenBearer, as_person: AsCaller
) -> None:
    by_token, in_session = await as_token_bearer("primary"), await as_person("teacher")
    await by_token.data(_WHO)
    await in_session.data(_WHO)
    answer = await Caller(by_token.http, {**in_session.headers, **by_token.headers}).post(_WHO)
    assert answer.status_code == 400


async def test_a_token_in_the_address_is_refused_however_it_is_written(as_token_bearer: AsTokenBearer) -> None:
    caller = await as_token_bearer("primary")
    await caller.data(_WHO)
    for name in ("access_token", "access%5Ftoken", "%61ccess_token"):
        answer = await caller.http.post(f"/graphql?{name}=x", json={"query": _WHO}, headers=caller.headers)
        assert answer.status_code == 400, name


async def test_an_empty_session_cookie_is_nobody(as_person: AsCaller) -> None:
    caller = await as_person("primary")
    await caller.data(_WHO)
    assert (await Caller(caller.http, {"Cookie": f"{Cookie.SESSION}="}).data(_WHO))["viewer"] is None


_ASKED = ("{ viewer { id } users { totalCount nodes { lastName email } } }", "{ __typename viewer { id } }")
"""By a statement, and from memory alone."""
_LOCKED_OUT = (
    "update hallpass.authorizations set revoked_at = now()",
    "update hallpass.users set status = 'suspended'",
    "update hallpass.users set status = 'inactive'",
    "update hallpass.relying_parties set active = false",
)
_SIGNED_OUT = (
    "update hallpass.sessions set ended_at = now()",
    "update hallpass.sessions set token_hash = sha256(token_hash)",
    "update hallpass.users set status = 'suspended'",
)


@pytest.mark.parametrize("document", _ASKED)
@pytest.mark.parametrize("change", _LOCKED_OUT)
async def test_a_remembered_token_ends_with_what_it_rests_on(
    as_token_bearer: AsTokenBearer, owner: Connection, document: str, change: str
) -> None:
    caller = await as_token_bearer("primary")
    assert (await caller.data(document))["viewer"] is not None
    await owner.execute(change)
    assert (await caller.post(document)).status_code == 401


@pytest.mark.parametrize("document", _ASKED)
@pytest.mark.parametrize("change", _SIGNED_OUT)
async def test_a_remembered_session_ends_with_what_it_rests_on(
    as_person: AsCaller, owner: Connection, document: str, change: str
) -> None:
    caller = await as_person("primary")
    assert (await caller.data(document))["viewer"] is not None
    await owner.execute(change)
    assert (await caller.post(document)).status_code == 401


async def test_a_remembered_session_follows_the_role_that_is_chosen(as_person: AsCaller, owner: Connection) -> None:
    caller = await as_person("shared", "test-administrator")
    document = "{ viewer { activeRole { program } } }"
    assert (await caller.data(document))["viewer"]["activeRole"]["program"] == "caaspp"
    await owner.execute("update hallpass.sessions set active_program = 'elpac', active_role = 'test-examiner'")
    assert (await caller.data(document))["viewer"]["activeRole"]["program"] == "elpac"


async def test_a_remembered_system_is_told_of_its_systems_of_now(as_system: Caller, owner: Connection) -> None:
    document = '{ program(code: "caaspp") { systems { code } } users { totalCount } }'
    before = await as_system.data(document)
    assert before["program"]["systems"] == [{"code": "cers"}]
    await owner.execute("update hallpass.relying_parties set systems = '{toms}' where client_id = 'reporting'")
    assert (await as_system.data(document))["program"]["systems"] == [{"code": "toms"}]
    await owner.execute("update hallpass.relying_parties set active = false")
    assert (await as_system.post(document)).status_code == 401


@pytest.mark.parametrize("document", _ASKED)
async def test_time_ends_what_is_remembered(
    as_token_bearer: AsTokenBearer, as_person: AsCaller, clock: Clock, document: str
) -> None:
    callers = [await as_token_bearer("primary"), await as_person("primary")]
    for caller in callers:
        await caller.data(document)
    clock.now += timedelta(minutes=61)
    for caller in callers:
        assert (await caller.post(document)).status_code == 401


async def test_a_session_that_a_socket_has_read_is_idle_all_the_same(
    app: Starlette, as_person: AsCaller, clock: Clock
) -> None:
    caller = await as_person("primary")
    await caller.data(_WHO)
    clock.now += timedelta(minutes=59, seconds=30)
    cookie = (b"cookie", caller.headers["Cookie"].encode())
    scope = {"type": "websocket", "app": app, "path": "/graphql", "query_string": b"", "headers": [cookie]}
    await recognized(HTTPConnection(scope))
    clock.now += timedelta(seconds=40)
    headers = {"Content-Type": "application/json", **caller.headers}
    assert (await caller.http.post("/graphql", json={"query": _WHO}, headers=headers)).status_code == 401
