"""A district's sign-in and second steps: asked for where there is one, never set up by what a district vouched for."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from store.access_version import raise_versions
from store.database import Connection
from tests.federation.district import linked, post, registered, sessions, sign_in
from tests.federation.provider import FakeProvider
from tests.oidc.world import HASH, ISSUER, LEA, PASSWORD, Browser, Clock, http_of, person

pytestmark = pytest.mark.checklist(51)


@pytest.fixture
def strict(gateway: Gateway) -> Starlette:
    """The application where roles are held to their second step."""
    settings = replace(gateway.settings, second_step="required")
    return create_app(settings, replace(gateway, settings=settings))


@pytest.fixture
async def there(strict: Starlette) -> AsyncIterator[Browser]:
    async with http_of(strict) as http:
        yield Browser(http)


async def test_who_must_have_a_second_step_sets_none_up_through_a_district(
    gateway: Gateway, there: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """She is let in, and the role waits: else whoever runs the provider would set one up in her place."""
    ana = await person(connection, "ana", ("lea-coordinator", LEA))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    answer = await sign_in(there, registration, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    (session,) = await sessions(connection, ana)
    assert (session["lea_id"], session["acr"]) == (LEA, "urn:hallpass:aal1")
    accept = {"Accept": "application/graphql-response+json", "Origin": ISSUER}
    roles = await there.http.post("/graphql", json={"query": "{ viewer { roles { program } } }"}, headers=accept)
    assert roles.json()["data"]["viewer"]["roles"] == []
    assert (await there.http.get("/signin/second-step/set-up")).status_code == 303
    there.http.cookies.clear()
    entered = await there.sign_in("ana")
    assert entered.headers["location"].startswith("/signin/second-step/set-up")


async def test_a_changed_password_leaves_the_limit_and_the_provider_on_the_session(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    ana = await person(connection, "ana", ("lea-coordinator", LEA))
    await connection.execute("update users set password_hash = $2 where id = $1", ana, HASH)
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    await sign_in(browser, registration, provider)
    async with connection.transaction():
        await raise_versions(connection, (ana,))
    form = {"present": PASSWORD, "password": "marble window eleven foxes", "again": "marble window eleven foxes"}
    answer = await post(browser, "/account/password", "/account/password", **form)
    assert answer.status_code == 303, answer.text
    (session,) = await sessions(connection, ana)
    assert (session["lea_id"], session["provider_id"], session["amr"]) == (LEA, registration, ["fed"])
