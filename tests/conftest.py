"""Fixtures for every room: a real PostgreSQL per session, and a migrated database per test, served as `hallpass_app`.

HALLPASS_TEST_POSTGRES=16 runs the tests on the other server of the wheel.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from inspect import iscoroutinefunction
from itertools import cycle

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.oidc.keys import signing_key
from store.database import Connection, Pool, open_pool
from tests.databases import MAJORS, Databases, State, databases, sweep
from tests.lent_databases import Lent, keep_open
from tests.quick_hashes import quick_hashes
from tests.states import STATES


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """The library's pictures of an exception take a second each."""
    structlog.configure(
        processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)],
    )


@pytest.fixture(scope="session", autouse=True)
def quick_rsa_keys() -> Iterator[None]:
    """RSA keys take a quarter of a second each: six are made for the whole run, more than any test uses."""
    made = cycle([rsa.generate_private_key(65537, 2048) for _ in range(6)])

    def next_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        assert (public_exponent, key_size) == (65537, 2048)
        return next(made)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing_key, "new_rsa_key", next_key)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_password_hashes() -> Iterator[None]:
    """A test of the hash itself holds what a real one costs."""
    with quick_hashes():
        yield


@pytest.fixture(autouse=True)
def nothing_goes_on(request: pytest.FixtureRequest) -> None:
    """Coroutines share one loop, so that connections can be handed on; what a test began there ends with it."""
    if iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("loop_at_rest")


@pytest.fixture
async def loop_at_rest() -> AsyncIterator[None]:
    """Ends what the test left running in the loop, as the end of a loop of its own would."""
    loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    loop.set_exception_handler(None)


@pytest.fixture(scope="session")
def postgres_major() -> int:
    """The version of PostgreSQL under test."""
    return int(os.environ.get("HALLPASS_TEST_POSTGRES", "18"))


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[int], Databases]]:
    """The session's server of a version, started when it is first asked for."""
    sweep()
    started: dict[int, Databases] = {}
    contexts = {major: databases(major) for major in MAJORS}

    def server(major: int) -> Databases:
        if major not in started:
            started[major] = contexts[major].__enter__()
        return started[major]

    try:
        yield server
    finally:
        for major in started:
            contexts[major].__exit__(None, None, None)


@pytest.fixture(scope="session")
def server(servers: Callable[[int], Databases], postgres_major: int) -> Databases:
    """The server under test."""
    return servers(postgres_major)


@pytest.fixture(params=MAJORS, ids=lambda major: f"postgres{major}")
def each_server(request: pytest.FixtureRequest, servers: Callable[[int], Databases]) -> Databases:
    """Both servers of the wheel, one after the other: for tests that must hold on either."""
    return servers(request.param)


@pytest.fixture
def provider_state() -> None:
    """Whoever asks for it finds `tests.oidc.world.build`'s state in the test's database."""


@pytest.fixture
def callers_state() -> None:
    """Whoever asks for it finds `tests.graphql.world.populate`'s state there too."""


@pytest.fixture
def asked_state(request: pytest.FixtureRequest) -> State | None:
    """What this test's fixtures want to find in its database."""
    return next((state for name, state in STATES.items() if name in request.fixturenames), None)


@pytest.fixture
def database_name(server: Databases, asked_state: State | None) -> Iterator[str]:
    """A migrated database that only this test ever uses, for those who need more than the serving role may do."""
    name = server.holding(asked_state)
    yield name
    server.drop(name)


@pytest.fixture
def lent_database(server: Databases, asked_state: State | None) -> Iterator[Lent]:
    """A migrated database that holds what a new one would hold, and is cleaned for the next test."""
    lent = server.lend(asked_state)
    yield lent
    server.take_back(lent, asked_state)


@pytest.fixture(scope="module")
def module_database_url(server: Databases) -> Iterator[str]:
    """The serving role's address of a migrated database that only this module's tests share."""
    name = server.migrated()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, server: Databases) -> str:
    """The serving role's address of this test's database: a lent one, unless another fixture needs one of its own."""
    if "database_name" in request.fixturenames:
        return server.url(request.getfixturevalue("database_name"))
    return server.url(request.getfixturevalue("lent_database").name)


@pytest.fixture
def owner_database_url(server: Databases, database_name: str) -> str:
    """The owner role's address of this test's database."""
    return server.owner_url(database_name)


@pytest.fixture
async def pool(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Pool]:
    """Connections of the serving role to this test's database."""
    lent: Lent | None = request.getfixturevalue("lent_database") if "lent_database" in request.fixturenames else None
    opened = (lent and lent.pool) or await open_pool(database_url, maximum=5)
    yield opened
    if lent is not None:
        await keep_open(lent, opened)
    else:
        opened.terminate()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of the serving role, outside any transaction."""
    async with pool.acquire() as acquired:
        yield acquired
