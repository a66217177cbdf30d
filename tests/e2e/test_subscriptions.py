"""Sockets of one process hear what another one changes, and no log tells who opened them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.cookies import Cookie
from gateway.graphql.subscriptions.protocol import SUBPROTOCOL
from tests.databases import Databases, run
from tests.e2e.gateway_process import GatewayProcess, GatewayProcesses, wait_for
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import SignedIn, data, sign_in
from tests.e2e.state import State, external, laid_out
from tests.oidc.world import REPORTING, SECRET, csrf
from tests.subscriptions.talk import Talk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ISSUER = "http://localhost:8000"
REMOVE = "mutation ($input: RemoveRolesInput!) { removeRoles(input: $input) { removed userErrors { message } } }"


@pytest.fixture(scope="module")
def own_state(server: Databases, secrets: SecretValues) -> Iterator[State]:
    """A database that this module changes."""
    name = server.migrated()
    yield run(laid_out(server.url(name), secrets))
    server.drop(name)


@pytest.fixture(scope="module")
def pair(own_state: State, prepared_processes: GatewayProcesses) -> Iterator[tuple[GatewayProcess, GatewayProcess]]:
    settings = external(own_state.url) | {"HALLPASS_ISSUER": ISSUER, "HALLPASS_LOG_LEVEL": "debug"}
    with prepared_processes.running(settings) as one, prepared_processes.running(settings) as other:
        yield one, other


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def socket(stack: AsyncExitStack, process: GatewayProcess, **headers: str) -> Talk:
    address = process.url.replace("http", "ws") + "/graphql"
    opening = connect(address, subprotocols=[SUBPROTOCOL], additional_headers=headers)  # pyright: ignore[reportArgumentType]
    return Talk(await stack.enter_async_context(opening))


async def in_session(stack: AsyncExitStack, process: GatewayProcess, person: SignedIn) -> Talk:
    talk = await socket(stack, process, Cookie=f"{Cookie.SESSION}={person.cookies[Cookie.SESSION]}", Origin=ISSUER)
    await talk.init()
    return talk


async def test_the_other_process_is_told_at_once(
    pair: tuple[GatewayProcess, GatewayProcess], own_state: State, secrets: SecretValues, stack: AsyncExitStack
) -> None:
    here, there = pair
    form = {"grant_type": "client_credentials", "scope": "directory.read", "resource": ISSUER}
    answer = httpx2.post(f"{here.url}/oauth2/token", data=form, auth=(REPORTING.client_id, SECRET))
    token = answer.json()["access_token"]
    secrets.keep(token)
    system = await socket(stack, there)
    await system.init(Authorization=f"Bearer {token}")
    await system.follow("cers")
    ana = await in_session(stack, there, sign_in(here.url, "ana", secrets)[0])
    await ana.follow("cers")
    coordinator, _ = sign_in(here.url, "coordinator", secrets)
    with coordinator.at(here.url) as http:
        asked = {"assignments": [str(own_state.taken)]}
        assert await asyncio.to_thread(data, http, REMOVE, input=asked)
    for talk in (system, ana):
        assert await talk.told() == (str(own_state.ana), False, False)


async def test_signing_out_of_one_process_closes_the_other_s_socket(
    pair: tuple[GatewayProcess, GatewayProcess], secrets: SecretValues, stack: AsyncExitStack
) -> None:
    here, there = pair
    person, _ = sign_in(here.url, "coordinator", secrets)
    talk = await in_session(stack, there, person)
    await talk.follow("cers")
    with person.at(here.url) as http:
        page = http.get("/")
        assert page.status_code == 200, here.log_text()[-3000:]
        token = csrf(page)
        secrets.keep(token)
        assert http.post("/signin/out", data={"csrf": token}).status_code in (200, 303)
    async with asyncio.timeout(5):
        assert (await talk.closed())[0] == 4403


async def test_a_token_in_the_address_is_refused_and_stands_in_no_log(
    pair: tuple[GatewayProcess, GatewayProcess], secrets: SecretValues
) -> None:
    token = "e" * 50
    secrets.keep(token)
    with pytest.raises(InvalidStatus) as refused:
        await connect(pair[0].url.replace("http", "ws") + f"/graphql?access_token={token}")
    assert refused.value.response.status_code == 400
    refusals = [("/graphql", 400)]

    def told() -> list[tuple[str, int]]:
        lines = [line for line in pair[0].log_lines() if line.get("method") == "WEBSOCKET"]
        return [(line["route"], line["status"]) for line in lines]

    wait_for(lambda: told()[-1:] == refusals, lambda: str(told()))


async def test_a_stopping_process_closes_its_sockets(
    own_state: State, prepared_processes: GatewayProcesses, secrets: SecretValues, stack: AsyncExitStack
) -> None:
    with prepared_processes.running(external(own_state.url) | {"HALLPASS_ISSUER": ISSUER}) as process:
        talk = await in_session(stack, process, sign_in(process.url, "coordinator", secrets)[0])
        await talk.follow("cers")
        assert await asyncio.to_thread(process.stop) == 0
        assert (await talk.closed())[0] == 1012
