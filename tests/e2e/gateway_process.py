"""Real `hallpass serve` processes for end-to-end tests; each one's log is judged when it ends."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.secret_values import SecretValues
from tests.gateway.process import Running, Start, environment, free_port, start_anew

_START_SECONDS = 60
_STOP_SECONDS = 30
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class GatewayProcess:
    """A gateway and what it has written: `log` is its standard error, `output` its standard output."""

    process: Running
    url: str
    log: Path
    output: Path

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(_STOP_SECONDS)

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def log_lines(self) -> list[dict[str, Any]]:
        """Each line of the log; one that is no JSON object fails."""
        lines = [json.loads(line) for line in self.log_text().splitlines()]
        assert all(isinstance(line, dict) for line in lines)
        return lines

    def readiness(self) -> int:
        return httpx2.get(self.url + "/readyz", timeout=10).status_code

    def wait_until_ready(self) -> None:
        wait_for(self._is_ready, self._told)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self._told()
        with suppress(httpx2.HTTPError):
            return self.readiness() == 200
        return False

    def _told(self) -> str:
        return f"not ready; exit code {self.process.poll()}; log:\n{self.log_text()}"


class GatewayProcesses:
    """Starts gateways whose logs lie in one folder and may hold none of `secrets`."""

    def __init__(self, folder: Path, secrets: SecretValues, start: Start = start_anew) -> None:
        self.secrets = secrets
        self._start = start
        self._folder = folder
        self._numbers = count(1)

    def launch(self, settings: Mapping[str, str], *arguments: str) -> GatewayProcess:
        """Start a gateway on a free port and don't wait for it."""
        number, port = next(self._numbers), free_port()
        log, output = self._folder / f"{number}.log", self._folder / f"{number}.out"
        with log.open("wb") as stderr, output.open("wb") as stdout:
            process = self._start(("serve", "--port", str(port), *arguments), environment(settings), stdout, stderr)
        return GatewayProcess(process, f"http://localhost:{port}", log, output)

    @contextmanager
    def running(self, settings: Mapping[str, str], *arguments: str) -> Generator[GatewayProcess]:
        """A gateway that is ready, until the block ends; then SIGTERM, and its log is judged."""
        started = self.launch(settings, *arguments)
        try:
            started.wait_until_ready()
            yield started
        finally:
            self.end(started)
        self.judge(started)

    @staticmethod
    def end(started: GatewayProcess) -> None:
        """Stop it if it runs still; one that doesn't stop is killed."""
        if started.process.poll() is not None:
            return
        try:
            started.stop()
        except subprocess.TimeoutExpired:
            started.stop(signal.SIGKILL)
            raise

    def judge(self, ended: GatewayProcess) -> None:
        """Its log is JSON lines with time, level and event, and neither it nor the output holds a secret."""
        lines = ended.log_lines()
        assert [line for line in lines if not {"timestamp", "level", "event"} <= line.keys()] == []
        assert self.secrets.found_in(ended.log_text()) == []
        assert self.secrets.found_in(ended.output.read_text(encoding="utf-8")) == []


def wait_for(holds: Callable[[], bool], told: Callable[[], str], seconds: float = _START_SECONDS) -> None:
    """Until it holds; fails with what `told` says when the time is over."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(_PAUSE_SECONDS)
