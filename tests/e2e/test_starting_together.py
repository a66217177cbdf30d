"""Processes that start at once, on an outside database or in one data directory, don't clash; nor do migrations."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from migrations.state import known_revisions
from tests.e2e.gateway_process import GatewayProcess, GatewayProcesses
from tests.gateway.process import COMMAND, ROOT, environment, free_port, hallpass

pytestmark = pytest.mark.slow

HEAD = known_revisions()[-1]
AtEnd = Callable[[GatewayProcess], GatewayProcess]


def test_two_migrations_and_then_two_gateways_on_an_empty_database(
    empty_database: dict[str, str], processes: GatewayProcesses, at_end: AtEnd
) -> None:
    refused = hallpass("serve", "--port", str(free_port()), more=empty_database)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (f"The database is at revision none and not at {HEAD}: run `hallpass migrate`.\n"), (
        refused.stderr
    )
    told = _migrations_at_once(empty_database)
    for before in (None, HEAD):
        assert told.count({"ok": True, "before": before, "after": HEAD}) == 1
    _serve_at_once(empty_database, processes, at_end)


def test_two_gateways_at_the_first_start_in_one_data_directory(
    data_dir: Path, processes: GatewayProcesses, at_end: AtEnd
) -> None:
    _serve_at_once({"HALLPASS_DATA_DIR": str(data_dir)}, processes, at_end)


def _migrations_at_once(settings: dict[str, str]) -> list[dict[str, object]]:
    """What each of two said."""
    started = [
        subprocess.Popen(
            [*COMMAND, "migrate", "--json"],
            cwd=ROOT,
            env=environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    done = [(*process.communicate(timeout=60), process.returncode) for process in started]
    assert [(error, code) for _, error, code in done] == [("", 0), ("", 0)]
    return [json.loads(output) for output, _, _ in done]


def _serve_at_once(settings: dict[str, str], processes: GatewayProcesses, at_end: AtEnd) -> None:
    """Both make keys and packs at their first start; in the end both have the same."""
    started = [at_end(processes.launch(settings)) for _ in range(2)]
    for process in started:
        process.wait_until_ready()
    published = [httpx2.get(process.url + "/oauth2/jwks").json()["keys"] for process in started]
    assert published[0] == published[1]
    assert sorted(key["alg"] for key in published[0]) == ["ES256", "RS256"]
    assert [process.stop() for process in started] == [0, 0]
    for process in started:
        processes.judge(process)
        assert [line for line in process.log_lines() if line["level"] not in ("info", "debug")] == []
