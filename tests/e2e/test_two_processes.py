"""A role that one process takes away is gone at the next request of another one, also when no notification arrives."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from store.database import Connection, open_connection
from tests.databases import Databases, run
from tests.e2e import superuser
from tests.e2e.gateway_process import GatewayProcess, GatewayProcesses, wait_for
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import access_token, data, sign_in
from tests.e2e.state import State, external, laid_out
from tests.oidc.world import HILL, PARK, bearer, give

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ROUNDS = 1_000
REMOVE = """mutation ($input: RemoveRolesInput!) {
  removeRoles(input: $input) { removed userErrors { message } }
}"""
DECIDE = "query ($check: Check!) { decide(check: $check) { allowed } }"
USERS = "{ users(first: 10) { nodes { id } } }"
CHECK = {
    "permission": "hallpass:users:view",
    "program": "caaspp",
    "schoolYear": "2026-27",
    "organization": {"id": str(PARK)},
}
Asks = Callable[[], bool]
"""Whether the person has her role, as one surface of one process tells it."""


@pytest.fixture(scope="module")
def database(server: Databases) -> Iterator[str]:
    """The name of a database of this module's own: in the end nobody may connect to it."""
    name = server.migrated()
    yield name
    server.drop(name)


@pytest.fixture(scope="module")
def state(server: Databases, database: str, secrets: SecretValues) -> State:
    """Ana has another role at Hill Elementary: who has none in the program is nobody the coordinator may find."""
    state = run(laid_out(server.url(database), secrets))
    run(_give_another_role(state))
    return state


async def _give_another_role(state: State) -> None:
    connection = await open_connection(state.url)
    try:
        await give(connection, state.ana, "test-administrator", HILL)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def pair(state: State, prepared_processes: GatewayProcesses) -> Iterator[tuple[GatewayProcess, GatewayProcess]]:
    """Two processes of one gateway, whose pools hold from the start all connections that they may have."""
    settings = external(state.url) | {"HALLPASS_POOL_SIZE": "2", "HALLPASS_ISSUER": "http://localhost:8000"}
    with prepared_processes.running(settings) as one, prepared_processes.running(settings) as other:
        yield one, other


@pytest.fixture
async def hand(pair: tuple[GatewayProcess, GatewayProcess], state: State) -> AsyncIterator[Connection]:
    """A connection that gives the role back; open before nobody may connect any more."""
    assert all(process.readiness() == 200 for process in pair)
    connection = await open_connection(state.url)
    yield connection
    await connection.close()


@pytest.fixture
def without_notifications(server: Databases, database: str, hand: Connection) -> Callable[[], int]:
    """No process listens and none can again: its connection is ended and the database takes no new ones.

    What is given counts the listening connections.
    """
    superuser.ask(server, f"alter database {database} allow_connections false")
    listeners = "from pg_stat_activity where application_name = 'hallpass-listener' and datname = $1"
    superuser.ask(server, f"select count(pg_terminate_backend(pid)) {listeners}", database)

    def listening() -> int:
        return superuser.ask(server, f"select count(*) {listeners}", database)

    wait_for(lambda: listening() == 0, lambda: "somebody listens still")
    return listening


async def test_a_removed_role_is_gone_at_the_next_request_of_the_other_process(
    pair: tuple[GatewayProcess, GatewayProcess],
    state: State,
    secrets: SecretValues,
    hand: Connection,
    without_notifications: Callable[[], int],
) -> None:
    """1,000 times, taken away in either process, asked at either; in between the role is given back and counts."""
    coordinator, _ = sign_in(pair[0].url, "coordinator", secrets)
    ana, _ = sign_in(pair[1].url, "ana", secrets)
    token = access_token(pair[1].url, ana, secrets)
    assignment = state.taken
    with ExitStack() as stack:
        changing = [stack.enter_context(coordinator.at(process.url)) for process in pair]
        asking = [stack.enter_context(ana.at(process.url)) for process in pair]
        bare = [stack.enter_context(httpx2.Client(base_url=process.url, timeout=30)) for process in pair]
        surfaces = [_surfaces(asking[here], bare[here], token, state) for here in (0, 1)]
        assert all(has_role() for here in (0, 1) for has_role in surfaces[here])
        for number in range(ROUNDS):
            here = number % 2
            has_role = surfaces[1 - here][number // 2 % len(surfaces[0])]
            _remove(changing[here], str(assignment))
            assert not has_role(), f"round {number}: the removed role still counts"
            assignment = await give(hand, state.ana, "site-coordinator", PARK)
            assert has_role(), f"round {number}: the role that was given back does not count"
    assert without_notifications() == 0
    assert all("not listening for changed access" in process.log_text() for process in pair)


def _surfaces(session: httpx2.Client, bare: httpx2.Client, token: str, state: State) -> tuple[Asks, ...]:
    """A decision, a list with somebody of her school in it, and what her relying party is told."""

    def decides() -> bool:
        return data(session, DECIDE, check=CHECK)["decide"]["allowed"]

    def lists() -> bool:
        found = session.post("/graphql", json={"query": USERS}).json()["data"]["users"]
        return found is not None and {"id": str(state.unsigned)} in found["nodes"]

    def tells() -> bool:
        return bare.get("/oauth2/userinfo", headers=bearer(token)).status_code == 200

    return decides, lists, tells


def _remove(http: httpx2.Client, assignment: str) -> None:
    done = data(http, REMOVE, input={"assignments": [assignment]})["removeRoles"]
    assert done == {"removed": [assignment], "userErrors": []}
