"""Fixtures for every room: a real PostgreSQL per session, and a migrated database per test, served as `hallpass_app`.

HALLPASS_TEST_POSTGRES=16 runs the tests on the other server of the wheel.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import cycle

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.oidc import signing_key
from store.database import Connection, Pool, open_pool
from tests.databases import MAJORS, Databases, databases, sweep


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
def database_name(server: Databases) -> Iterator[str]:
    """A migrated database that only this test uses."""
    name = server.migrated()
    yield name
    server.drop(name)


@pytest.fixture(scope="module")
def module_database_url(server: Databases) -> Iterator[str]:
    """The serving role's address of a migrated database that only this module's tests share."""
    name = server.migrated()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(server: Databases, database_name: str) -> str:
    """The serving role's address of this test's database."""
    return server.url(database_name)


@pytest.fixture
def owner_database_url(server: Databases, database_name: str) -> str:
    """The owner role's address of this test's database."""
    return server.owner_url(database_name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections of the serving role to this test's database."""
    opened = await open_pool(database_url, maximum=5)
    yield opened
    opened.terminate()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of the serving role, outside any transaction."""
    async with pool.acquire() as acquired:
        yield acquired
