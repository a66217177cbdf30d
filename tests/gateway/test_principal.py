"""Who calls: anonymous, a person's session, her token, a system; invalid credentials never pass as none (RFC 6750)."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.app import create_app
from gateway.oidc.keys.ring import KeyRing
from gateway.principal import caller_of
from gateway.state import Gateway, gateway_of
from policy.caller import PersonCaller, SystemCaller
from policy.ids import UserId
from store.database import Connection
from tests.oidc.fixtures import browser, clock, gateway
from tests.oidc.world import (
    CERS,
    ISSUER,
    PARK,
    SCORING,
    STATE,
    Browser,
    Clock,
    bearer,
    claims_of,
    csrf,
    give,
    http_of,
    person,
    take_all,
)

__all__ = ["browser", "clock", "gateway"]


async def whoami(request: Request) -> Response:
    """What an endpoint is told of its caller."""
    async with gateway_of(request).pool.acquire() as connection:
        caller = await caller_of(request, connection)
    body: dict[str, object] = {"kind": type(caller).__name__}
    if isinstance(caller, PersonCaller):
        body |= {
            "user": str(caller.user),
            "active": caller.active.role if caller.active else None,
            "permissions": sorted({grant.permission for grant in caller.access.grants}),
            "systems": None if caller.systems is None else sorted(caller.systems),
            "may_write": caller.may_write,
            "version": caller.version,
        }
    if isinstance(caller, SystemCaller):
        body |= {"client": caller.client_id, "systems": sorted(caller.systems)}
    return JSONResponse(body)


def application(resources: Gateway) -> Starlette:
    made = create_app(resources.settings, resources)
    made.router.routes.insert(0, Route("/whoami", whoami))
    return made


@pytest.fixture
def app(gateway: Gateway) -> Starlette:
    return application(gateway)


@pytest.fixture
async def user(gateway: Gateway, connection: Connection) -> UserId:
    return await person(connection, "ana", ("site-coordinator", PARK))


@pytest.fixture
async def program(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A caller without cookies."""
    async with http_of(app) as http:
        yield http


async def token(browser: Browser, user: UserId, **changes: str) -> str:
    asked = {"scope": "openid directory.read", "resource": ISSUER, **changes}
    await browser.sign_in("ana")
    return (await browser.tokens(**asked))["access_token"]


async def system_token(http: httpx2.AsyncClient) -> str:
    answer = await Browser(http).token({"grant_type": "client_credentials", "scope": "directory.read"})
    return answer.json()["access_token"]


def unauthenticated(answer: httpx2.Response) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_nobody(program: httpx2.AsyncClient) -> None:
    assert (await program.get("/whoami")).json() == {"kind": "Anonymous"}


async def test_a_session(browser: Browser, user: UserId) -> None:
    await browser.sign_in("ana")
    told = (await browser.http.get("/whoami")).json()
    assert (told["kind"], told["user"], told["active"]) == ("PersonCaller", str(user), "site-coordinator")
    assert (told["systems"], told["may_write"]) == (None, True)
    assert "hallpass:users:manage" in told["permissions"]


async def test_a_persons_token_is_cut_to_the_relying_party(
    browser: Browser, user: UserId, program: httpx2.AsyncClient
) -> None:
    told = (await program.get("/whoami", headers=bearer(await token(browser, user)))).json()
    assert (told["kind"], told["user"], told["systems"]) == ("PersonCaller", str(user), [CERS])
    assert told["may_write"] is False


async def test_a_system(program: httpx2.AsyncClient) -> None:
    told = (await program.get("/whoami", headers=bearer(await system_token(program)))).json()
    assert told == {"kind": "SystemCaller", "client": "reporting", "systems": [CERS]}


async def test_a_union_of_roles_holds_none_of_the_states_own(
    browser: Browser, user: UserId, program: httpx2.AsyncClient, connection: Connection
) -> None:
    """A site coordinator who is also at the help desk: her relying parties don't find everybody in the state."""
    await connection.execute(
        "insert into role_assignments"
        " (id, user_id, program, role, school_year, organization_id, name_key, status, origin)"
        " values (gen_random_uuid(), $1, 'state', 'help-desk', '', $2, 'ana', 'active', 'operator')",
        user,
        STATE,
    )
    await browser.sign_in("ana")
    union = Browser(browser.http, SCORING)
    tokens = await union.tokens(scope="openid directory.read", resource=ISSUER)
    told = (await program.get("/whoami", headers=bearer(tokens["access_token"]))).json()
    assert told["active"] is None
    assert "hallpass:users:view" in told["permissions"]
    assert "hallpass:state:accounts" not in told["permissions"]


@pytest.mark.checklist("20 audience and issuer")
async def test_a_token_for_another_audience(browser: Browser, user: UserId, program: httpx2.AsyncClient) -> None:
    other = await token(browser, user, resource="https://cers.example/")
    unauthenticated(await program.get("/whoami", headers=bearer(other)))


async def test_a_token_without_the_scope(gateway: Gateway, program: httpx2.AsyncClient) -> None:
    """One for the gateway that its issuer would not give."""
    claims = {name: value for name, value in claims_of(await system_token(program)).items() if name != "scope"}
    keys = await KeyRing(gateway.pool, gateway.secret_key).at(gateway.now())
    scopeless = keys.signer("ES256", gateway.now()).sign(claims, "at+jwt")
    answer = await program.get("/whoami", headers=bearer(scopeless))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


@pytest.mark.checklist("19 in the place of an access token")
async def test_an_id_token_is_no_access_token(browser: Browser, user: UserId, program: httpx2.AsyncClient) -> None:
    await browser.sign_in("ana")
    union = Browser(browser.http, SCORING)
    identity = (await union.tokens())["id_token"]
    unauthenticated(await program.get("/whoami", headers=bearer(identity)))


@pytest.mark.checklist(18)
@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x.y.z", "Basic cmVwb3J0aW5nOng=", "x", "Bearer \u00e9"]
)
async def test_a_header_that_is_no_token(gateway: Gateway, program: httpx2.AsyncClient, header: str) -> None:
    unauthenticated(await program.get("/whoami", headers={b"Authorization": header.encode("latin-1")}))


@pytest.mark.checklist("20 times")
async def test_an_expired_token(browser: Browser, user: UserId, program: httpx2.AsyncClient, clock: Clock) -> None:
    """Also when its signature was checked before."""
    headers = bearer(await token(browser, user))
    clock.forward(seconds=299)
    assert (await program.get("/whoami", headers=headers)).status_code == 200
    clock.forward(seconds=1)
    unauthenticated(await program.get("/whoami", headers=headers))


async def test_an_ended_session_is_not_nobody(browser: Browser, user: UserId, clock: Clock) -> None:
    await browser.sign_in("ana")
    clock.forward(hours=2)
    unauthenticated(await browser.http.get("/whoami"))


@pytest.mark.checklist("26 two tokens")
async def test_two_credentials(browser: Browser, user: UserId, program: httpx2.AsyncClient) -> None:
    sent = await token(browser, user)
    assert (await browser.http.get("/whoami", headers=bearer(sent))).status_code == 400
    twice = [("Authorization", f"Bearer {sent}"), ("Authorization", f"Bearer {sent}")]
    assert (await program.get("/whoami", headers=twice)).status_code == 400
    assert (await program.get("/whoami", params={"access_token": sent})).status_code == 400


@pytest.mark.checklist("42 sign-out")
async def test_signing_out_ends_the_tokens(browser: Browser, user: UserId, program: httpx2.AsyncClient) -> None:
    headers = bearer(await token(browser, user))
    page = await browser.http.get("/signin?next=/account")
    await browser.http.post("/signin/out", data={"csrf": csrf(page)})
    unauthenticated(await program.get("/whoami", headers=headers))


async def test_an_inactive_client_ends_its_tokens(
    browser: Browser, user: UserId, program: httpx2.AsyncClient, connection: Connection
) -> None:
    mine, system = await token(browser, user), await system_token(program)
    await connection.execute("update relying_parties set active = false")
    for sent in (mine, system):
        unauthenticated(await program.get("/whoami", headers=bearer(sent)))


@pytest.mark.checklist("42 suspension")
async def test_a_suspended_person(
    browser: Browser, user: UserId, program: httpx2.AsyncClient, connection: Connection
) -> None:
    headers = bearer(await token(browser, user))
    await connection.execute("update users set status = 'suspended'")
    unauthenticated(await program.get("/whoami", headers=headers))
    unauthenticated(await browser.http.get("/whoami"))


@pytest.mark.checklist("42 loss of the role")
async def test_a_revoked_role_is_gone_at_the_next_request_of_another_process(
    gateway: Gateway, app: Starlette, browser: Browser, user: UserId, connection: Connection
) -> None:
    """Two applications over one database, without NOTIFY: each request reads the access version again."""
    await browser.sign_in("ana")
    async with http_of(application(gateway)) as elsewhere:
        elsewhere.cookies.update(browser.http.cookies)
        for _ in range(20):
            await take_all(connection, user)
            for http in (elsewhere, browser.http):
                assert (await http.get("/whoami")).json()["permissions"] == []
            await give(connection, user, "site-coordinator", PARK)
            for http in (elsewhere, browser.http):
                assert (await http.get("/whoami")).json()["permissions"] != []


async def test_the_tokens_role_is_the_authorizations(
    browser: Browser, user: UserId, program: httpx2.AsyncClient, connection: Connection
) -> None:
    headers = bearer(await token(browser, user))
    await give(connection, user, "educator-test-site", PARK)
    await take_all(connection, user, "site-coordinator")
    told = (await program.get("/whoami", headers=headers)).json()
    assert (told["active"], told["permissions"]) == ("site-coordinator", [])


async def test_a_role_given_after_the_sign_in_becomes_the_active_one(
    gateway: Gateway, browser: Browser, connection: Connection
) -> None:
    """Never the union of several, also for a session that began without any."""
    user = await person(connection, "ana")
    await browser.sign_in("ana")
    assert (await browser.http.get("/whoami")).json()["permissions"] == []
    await give(connection, user, "educator-roster", PARK)
    await give(connection, user, "site-coordinator", PARK)
    assert (await browser.http.get("/whoami")).json()["active"] == "site-coordinator"
