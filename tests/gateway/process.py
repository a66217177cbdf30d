"""Runs `hallpass` as its own process, with an environment that holds nothing else of Hallpass."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()")
ROOT = Path(__file__).parent.parent.parent
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Serving:
    """A gateway that answers."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without Hallpass's own settings, then `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HALLPASS_")}
    return kept | dict(more)


def hallpass(*arguments: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One command, run to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        cwd=ROOT,
        env=environment(more),
        capture_output=True,
        text=True,
        timeout=120,
    )


@contextmanager
def serving(more: Mapping[str, str], *arguments: str) -> Generator[Serving]:
    """`hallpass serve` on a free port, until the block ends."""
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="hallpass-test-log-", delete=False) as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *arguments],
            cwd=ROOT,
            env=environment(more),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    started = Serving(process, f"http://localhost:{port}", Path(log.name))
    try:
        _wait_until_ready(started)
        yield started
    finally:
        if process.poll() is None:
            started.stop()
        started.log.unlink()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(started: Serving) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert started.process.poll() is None, started.log.read_text(encoding="utf-8")
        with suppress(httpx2.HTTPError):
            if httpx2.get(started.url + "/readyz", timeout=5).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(started.log.read_text(encoding="utf-8"))
