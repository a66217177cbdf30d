"""Starts a server as a process of its own on a free port of this machine, waits until it answers, and stops it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bench.errors import BenchError
from bench.http import answer_to, request_bytes

ROOT = Path(__file__).resolve().parent.parent
_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.005
_LAST_WORDS = 2_000


class ServerError(BenchError):
    """A server that did not come up; the message has the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """How to start a server. `{port}` in arguments and variables is the port; `ready` is the path that says 200."""

    name: str
    arguments: Sequence[str]
    ready: str = "/"
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: Path = ROOT


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. `started_in`: seconds from the start of its process to its first 200."""

    name: str
    port: int
    pid: int
    started_in: float


def python_module(module: str) -> tuple[str, ...]:
    """The arguments that run a module with this Python."""
    return (sys.executable, "-m", module)


@asynccontextmanager
async def running(command: ServerCommand, logs: Path) -> AsyncGenerator[Server]:
    """The server, stopped when the block ends. What it writes goes to a file in `logs`. Raises ServerError."""
    port = free_port()
    log = logs / f"{command.name}-{port}.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = _started(command, port, output)
        try:
            await _until_ready(command, process, port, log)
            yield Server(command.name, port, process.pid, time.perf_counter() - started)
        finally:
            await asyncio.to_thread(_stop, process)


def _started(command: ServerCommand, port: int, output: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command.arguments],
        cwd=command.folder,
        env=_environment(command, port),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def _environment(command: ServerCommand, port: int) -> dict[str, str]:
    """This process's variables without settings of Hallpass, and the command's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HALLPASS_")}
    return kept | {name: value.replace("{port}", str(port)) for name, value in command.variables.items()}


async def _until_ready(command: ServerCommand, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    request = request_bytes("GET", command.ready, port)
    deadline = time.perf_counter() + _READY_SECONDS
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise ServerError(f"{command.name} ended with code {process.returncode}: {_end_of(log)}")
        try:
            if (await answer_to(port, request)).status == 200:
                return
        except OSError:
            pass
        await asyncio.sleep(_POLL_SECONDS)
    raise ServerError(f"{command.name} did not answer 200 on {command.ready} in {_READY_SECONDS:g} s: {_end_of(log)}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM to the process; what is left of its group after a while is killed."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:].strip() or "it wrote nothing"
