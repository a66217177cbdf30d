"""`hallpass serve --demo`: the demo state once, the example system beside it, and both gone at the end."""

import re
import signal
import time
from contextlib import suppress

import httpx2
import pytest

from tests.databases import data_directory
from tests.gateway.process import Serving, hallpass, serving

pytestmark = pytest.mark.slow


def _example(started: Serving) -> str:
    found = re.search(r"Example reporting system: (\S+)", started.log.read_text(encoding="utf-8"))
    assert found
    return found[1]


def _answers(address: str) -> bool:
    with suppress(httpx2.HTTPError):
        return httpx2.get(address, timeout=2).status_code == 200
    return False


def _wait(address: str, *, until: bool) -> None:
    deadline = time.monotonic() + 30
    while _answers(address) is not until:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_example_system_runs_as_long_as_the_gateway() -> None:
    with data_directory() as directory:
        more = {"HALLPASS_DATA_DIR": str(directory)}
        with serving(more, "--demo") as first:
            said = first.log.read_text(encoding="utf-8")
            assert "coordinator@example.org" in said
            secrets = re.findall(r'"([\w-]{43})"', (directory / "demo-clients.json").read_text(encoding="utf-8"))
            example = _example(first)
            _wait(example, until=True)
            assert first.stop() == 0
            assert not _answers(example)
            assert len(secrets) == 2
            assert not any(secret in first.log.read_text(encoding="utf-8") for secret in secrets)

        with serving(more, "--demo") as killed:
            example = _example(killed)
            _wait(example, until=True)
            killed.stop(signal.SIGKILL)
            _wait(example, until=False)


def test_a_database_with_people_of_its_own_is_served_without_the_demo_state() -> None:
    with data_directory() as directory:
        more = {"HALLPASS_DATA_DIR": str(directory)}
        name = ("--first-name", "Some", "--last-name", "One")
        invited = hallpass("admin", "invite", "someone@ca.example", *name, more=more)
        assert invited.returncode == 0, invited.stderr
        with serving(more, "--demo") as started:
            assert "served without the demo state" in started.log.read_text(encoding="utf-8")
            assert not (directory / "demo-clients.json").exists()
