"""kill -9 of the gateway, and of the embedded server under it: what was committed stays, and nobody waits for ever."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from migrations.apply import migrate
from store.embedded import start
from tests.databases import data_directory, run
from tests.e2e.gateway_process import GatewayProcess, GatewayProcesses, wait_for
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import SignedIn, access_token, data, sign_in
from tests.e2e.state import embedded, laid_out
from tests.oidc.world import bearer

pytestmark = pytest.mark.slow

VIEWER = "{ viewer { user { email } } }"
LONGEST_ANSWER_SECONDS = 15
PATHS = ("/healthz", "/readyz", "/", "/oauth2/jwks", "/graphql?query={viewer{user{email}}}")


@pytest.fixture(scope="module")
def data_dir(secrets: SecretValues) -> Iterator[Path]:
    """One for the module, with the state in it: what one test commits, the next one finds."""
    with data_directory() as made:
        run(lay_out(made, secrets))
        yield made


def test_of_the_gateway(data_dir: Path, processes: GatewayProcesses, secrets: SecretValues) -> None:
    """The next one joins the server that still runs; sessions, tokens and keys go on; at its end the server stops."""
    settings = {**embedded(data_dir), "HALLPASS_ISSUER": "http://localhost:8000"}
    with processes.running(settings) as first:
        ana, token = _signed_in(first, secrets)
        keys = httpx2.get(first.url + "/oauth2/jwks").json()
        postmaster = postmaster_of(data_dir)
        first.stop(signal.SIGKILL)
    with processes.running(settings) as second:
        assert postmaster_of(data_dir) == postmaster
        assert httpx2.get(second.url + "/oauth2/jwks").json() == keys
        assert httpx2.get(second.url + "/oauth2/userinfo", headers=bearer(token)).status_code == 200
        with ana.at(second.url) as http:
            assert data(http, VIEWER) == {"viewer": {"user": {"email": "ana@example.org"}}}
        assert second.stop() == 0
    assert not _pid_file(data_dir).exists()


def test_of_gateway_and_server_together(data_dir: Path, processes: GatewayProcesses, secrets: SecretValues) -> None:
    """As when the machine stops: what was committed is there at the next start."""
    settings = {**embedded(data_dir), "HALLPASS_ISSUER": "http://localhost:8000"}
    with processes.running(settings) as first:
        ana, _ = _signed_in(first, secrets)
        first.stop(signal.SIGKILL)
        os.kill(postmaster_of(data_dir), signal.SIGKILL)
    with processes.running(settings) as second, ana.at(second.url) as http:
        assert data(http, VIEWER) == {"viewer": {"user": {"email": "ana@example.org"}}}


def test_of_the_server_while_people_ask(data_dir: Path, processes: GatewayProcesses, secrets: SecretValues) -> None:
    """Not ready, then ready again, by itself; every request meanwhile gets an answer, and most of them soon."""
    with processes.running(embedded(data_dir)) as gateway:
        ana, _ = _signed_in(gateway, secrets)
        killed = postmaster_of(data_dir)
        with _asking(gateway, ana) as askers:
            _wait_for_answers(askers, [0] * len(askers))
            os.kill(killed, signal.SIGKILL)
            readiness = askers[PATHS.index("/readyz")].statuses
            wait_for(lambda: 503 in readiness, lambda: "always ready")
            wait_for(lambda: readiness[-1] == 200, gateway.log_text)
            recovered = [len(asker.statuses) + 1 for asker in askers]
            _wait_for_answers(askers, recovered)
        assert postmaster_of(data_dir) != killed
        assert _told(askers, lambda asker: asker.longest < LONGEST_ANSWER_SECONDS) == []
        assert _told(askers, lambda asker: {200} <= set(asker.statuses) <= {200, 503}) == []
        after = {asker.path: set(asker.statuses[n:]) for asker, n in zip(askers, recovered, strict=True)}
        assert after == {path: {200} for path in PATHS}
        assert set(askers[PATHS.index("/healthz")].statuses) == {200}
        assert gateway.stop() == 0


@dataclass(slots=True)
class Asker:
    """Asks one path again and again; what it was answered (0: nothing), and how long the longest answer took."""

    path: str
    statuses: list[int] = field(default_factory=list[int])
    longest: float = 0

    def __str__(self) -> str:
        return f"{self.path} {dict(Counter(self.statuses))} longest {self.longest:.2f} s"

    def ask_until(self, ended: threading.Event, http: httpx2.Client) -> None:
        while not ended.wait(0.02):
            began = time.monotonic()
            try:
                status = http.get(self.path, headers={"Accept": "application/json"}).status_code
            except httpx2.HTTPError:
                status = 0
            self.longest = max(self.longest, time.monotonic() - began)
            self.statuses.append(status)


def _wait_for_answers(askers: list[Asker], start: list[int]) -> None:
    """Five good ones from each, behind the first `start`."""
    wait_for(
        lambda: all(asker.statuses[n:].count(200) >= 5 for asker, n in zip(askers, start, strict=True)),
        lambda: "; ".join(map(str, askers)),
    )


def _told(askers: list[Asker], good: Callable[[Asker], bool]) -> list[str]:
    """Those that were not served well, in words."""
    return [str(asker) for asker in askers if not good(asker)]


@contextmanager
def _asking(gateway: GatewayProcess, person: SignedIn) -> Generator[list[Asker]]:
    """One asker for each path, at once, in the person's session."""
    ended = threading.Event()
    askers = [Asker(path) for path in PATHS]

    def ask(asker: Asker) -> None:
        with person.at(gateway.url) as http:
            http.follow_redirects, http.timeout = True, httpx2.Timeout(LONGEST_ANSWER_SECONDS * 2)
            asker.ask_until(ended, http)

    threads = [threading.Thread(target=ask, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    try:
        yield askers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _signed_in(gateway: GatewayProcess, secrets: SecretValues) -> tuple[SignedIn, str]:
    """Ana's session and access token."""
    ana, _ = sign_in(gateway.url, "ana", secrets)
    return ana, access_token(gateway.url, ana, secrets)


async def lay_out(data_dir: Path, secrets: SecretValues) -> None:
    server = await start(data_dir)
    try:
        await migrate(server.owner_url)
        await laid_out(server.url, secrets)
    finally:
        await server.stop()


def _pid_file(data_dir: Path) -> Path:
    """The server's; it takes it away when it stops in order."""
    return data_dir / "postgres" / "postmaster.pid"


def postmaster_of(data_dir: Path) -> int:
    return int(_pid_file(data_dir).read_text(encoding="ascii").splitlines()[0])
