"""`hallpass serve` end to end: embedded database, kill -9 of either, workers, a clean stop, refusals in a sentence."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.gateway.process import COMMAND, ROOT, Serving, environment, free_port, hallpass, serving

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data directory that PostgreSQL's account can reach, its name with a blank."""
    made = Path(tempfile.mkdtemp(prefix="hallpass test "))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


def _server_pid(data_dir: Path) -> int | None:
    """The embedded server's process id; None when it doesn't run."""
    try:
        pid = int((data_dir / "postgres" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    return pid


def _log_lines(started: Serving) -> list[dict[str, object]]:
    return [json.loads(line) for line in started.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]


def test_pages_answer_and_sigterm_stops_everything(data_dir: Path) -> None:
    with serving({"HALLPASS_DATA_DIR": str(data_dir)}) as started:
        ready = httpx2.get(started.url + "/readyz").json()
        assert ready["status"] == "ready"
        assert [check["name"] for check in ready["checks"]] == ["database", "migrations", "keys"]
        assert "hallpass_requests_total" in httpx2.get(started.url + "/metrics").text
        assert httpx2.get(started.url + "/.well-known/openid-configuration").json()["issuer"] == started.url
        assert httpx2.get(started.url + "/signin", params={"code": "hunter2"}).status_code == 200
        assert _server_pid(data_dir) is not None
        assert started.stop() == 0
        assert "hunter2" not in started.log.read_text(encoding="utf-8")
        assert any(line.get("route") == "/signin" and line["status"] == 200 for line in _log_lines(started))
    assert _server_pid(data_dir) is None


def test_a_later_start_takes_less_than_five_seconds(data_dir: Path) -> None:
    """The best of six: what else runs on the machine is not its cost."""
    seconds: list[float] = []
    while len(seconds) < 6 and min(seconds, default=5) >= 5:
        before = time.monotonic()
        with serving({"HALLPASS_DATA_DIR": str(data_dir)}):
            seconds.append(time.monotonic() - before)
    assert min(seconds) < 5


def test_ctrl_c_stops_it_too(data_dir: Path) -> None:
    with serving({"HALLPASS_DATA_DIR": str(data_dir)}) as started:
        assert started.stop(signal.SIGINT) == 0
    assert _server_pid(data_dir) is None


def test_after_kill_9_of_the_gateway_the_next_start_is_clean(data_dir: Path) -> None:
    with serving({"HALLPASS_DATA_DIR": str(data_dir)}) as started:
        started.stop(signal.SIGKILL)
    with serving({"HALLPASS_DATA_DIR": str(data_dir)}) as started:
        assert started.stop() == 0
    assert _server_pid(data_dir) is None


def test_after_kill_9_of_the_database_the_gateway_recovers(data_dir: Path) -> None:
    with serving({"HALLPASS_DATA_DIR": str(data_dir)}) as started:
        killed = _server_pid(data_dir)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while _server_pid(data_dir) in (None, killed) or httpx2.get(started.url + "/readyz").status_code != 200:
            assert time.monotonic() < deadline, started.log.read_text(encoding="utf-8")
            time.sleep(0.1)
        assert httpx2.get(started.url + "/healthz").status_code == 200


def test_workers_share_port_database_and_figures(data_dir: Path) -> None:
    with serving({"HALLPASS_DATA_DIR": str(data_dir)}, "--workers", "2") as started:
        for _ in range(20):
            assert httpx2.get(started.url + "/signin").status_code == 200
        figures = httpx2.get(started.url + "/metrics").text
        assert 'hallpass_requests_total{method="GET",route="/signin",status="200"} 20.0' in figures
        assert 'hallpass_database_connections{state="limit"} 20.0' in figures
        assert started.stop() == 0
    assert _server_pid(data_dir) is None


def test_a_signal_during_the_start_leaves_nothing_behind(data_dir: Path) -> None:
    for pause in (0.3, 0.6, 0.9):
        arguments = [*COMMAND, "serve", "--port", str(free_port())]
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=environment({"HALLPASS_DATA_DIR": str(data_dir)}), stderr=subprocess.DEVNULL
        )
        time.sleep(pause)
        process.terminate()
        assert process.wait(30) in (0, -signal.SIGTERM)
        assert _server_pid(data_dir) is None


def test_a_port_in_use_is_one_sentence(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = hallpass("serve", "--port", str(port), more={"HALLPASS_DATA_DIR": str(data_dir)})
    assert done.returncode == 1
    assert (
        done.stderr == f"Port {port} is in use by another program: stop that one, or choose another port with --port.\n"
    )
    assert _server_pid(data_dir) is None


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"HALLPASS_PORTT": "1"}, 2, "the nearest one is HALLPASS_PORT"),
        ({"HALLPASS_HOST": "nowhere.invalid"}, 1, "is not an address of this machine"),
        ({"HALLPASS_DATABASE_URL": "postgresql://a:b@localhost:1/x"}, 2, "HALLPASS_SECRET_KEY is required"),
        (
            {"HALLPASS_DATABASE_URL": "postgresql://a:b@localhost:1/x", "HALLPASS_SECRET_KEY": KEY},
            1,
            "can't be reached",
        ),
    ],
)
def test_what_keeps_it_from_starting_is_one_sentence(more: dict[str, str], code: int, said: str) -> None:
    done = hallpass("serve", "--port", str(free_port()), more=more)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_external_database_must_be_migrated(database_url: str, owner_database_url: str) -> None:
    more = {"HALLPASS_DATABASE_URL": database_url, "HALLPASS_SECRET_KEY": KEY}
    with serving(more) as started:
        assert started.stop() == 0
    done = hallpass("serve", "--port", str(free_port()), more={**more, "HALLPASS_SECRET_KEY": KEY[:-2] + "0s"})
    assert done.returncode == 2
    assert "another secret key" in done.stderr


def test_wrong_usage_is_exit_code_2() -> None:
    assert hallpass("serve", "--port", "x", more={}).returncode == 2
    assert hallpass("nonsense", more={}).returncode == 2
    assert hallpass("--help", more={}).returncode == 0
