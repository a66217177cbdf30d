"""Runs `hallpass` as its own process, with an environment that holds nothing else of Hallpass."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import httpx2

COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()")
ROOT = Path(__file__).parent.parent.parent
_START_SECONDS = 60


class Running(Protocol):
    """What tests ask of a process: `subprocess.Popen` has it."""

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...


Start = Callable[[tuple[str, ...], Mapping[str, str], IO[Any], IO[Any]], Running]
"""Starts `hallpass` with arguments and a whole environment; writes to the two files."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A gateway that answers."""

    process: Running
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


def start_anew(
    arguments: tuple[str, ...], settings: Mapping[str, str], out: IO[Any], err: IO[Any]
) -> subprocess.Popen[bytes]:
    """A process of its own from the first instruction."""
    return subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, env=settings, stdout=out, stderr=err)


def serving(more: Mapping[str, str], *arguments: str) -> AbstractContextManager[Serving]:
    """`hallpass serve` on a free port, until the block ends."""
    return serving_by(start_anew, more, *arguments)


@contextmanager
def serving_by(start: Start, more: Mapping[str, str], *arguments: str) -> Generator[Serving]:
    """As `serving`, in a process that `start` makes."""
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="hallpass-test-log-", delete=False) as log:
        process = start(("serve", "--port", str(port), *arguments), environment(more), log, log)
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
