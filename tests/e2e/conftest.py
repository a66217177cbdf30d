"""Fixtures of the end-to-end tests: real processes, a database beside them, and the secrets that no log may hold."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.databases import Databases, data_directory, run
from tests.e2e.gateway_process import GatewayProcess, GatewayProcesses
from tests.e2e.secret_values import SecretValues
from tests.e2e.state import SECRET_KEY, State, external, laid_out
from tests.gateway.prepared import PreparedProcess

_Settings = dict[str, str]


@pytest.fixture(scope="session")
def secrets() -> SecretValues:
    """What the run has used so far; tests add what they are given."""
    kept = SecretValues()
    kept.keep(SECRET_KEY)
    return kept


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory, secrets: SecretValues) -> GatewayProcesses:
    return GatewayProcesses(tmp_path_factory.mktemp("logs"), secrets)


@pytest.fixture(scope="session")
def prepared_processes(tmp_path_factory: pytest.TempPathFactory, secrets: SecretValues) -> GatewayProcesses:
    """Processes that are forked when their imports are done: for tests of what runs, not of starts and kills."""
    return GatewayProcesses(tmp_path_factory.mktemp("logs"), secrets, PreparedProcess)


@pytest.fixture(scope="session")
def state(server: Databases, secrets: SecretValues) -> Iterator[State]:
    """A database outside the gateways, with organizations, people and relying parties."""
    name = server.migrated()
    yield run(laid_out(server.url(name), secrets))
    server.drop(name)


@pytest.fixture(scope="session")
def gateway(prepared_processes: GatewayProcesses, state: State) -> Iterator[GatewayProcess]:
    """A gateway over `state` that tests share."""
    with prepared_processes.running(external(state.url)) as started:
        yield started


@pytest.fixture
def empty_database(server: Databases) -> Iterator[_Settings]:
    """Settings for a database that nobody has migrated."""
    name = server.empty()
    yield external(server.url(name), server.owner_url(name))
    server.drop(name)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory for the embedded server."""
    with data_directory() as made:
        yield made


@pytest.fixture
def at_end(processes: GatewayProcesses) -> Iterator[Callable[[GatewayProcess], GatewayProcess]]:
    """Takes gateways that a test starts without waiting, and sees that none outlives it."""
    taken: list[GatewayProcess] = []

    def take(started: GatewayProcess) -> GatewayProcess:
        taken.append(started)
        return started

    yield take
    for started in taken:
        processes.end(started)


@pytest.fixture
def page(chromium_browser: Browser) -> Iterator[Page]:
    """A new visitor's. A refusal that a test is about is a complaint of the browser too, so none is counted."""
    context = chromium_browser.new_context()
    yield context.new_page()
    context.close()
