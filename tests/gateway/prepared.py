"""`hallpass` in processes forked from one that has imported everything: the import takes two seconds each.

The process is the command's own all the same: its environment, arguments, exit code, signals and what it writes. Tests
of the start itself, and those that kill, use `tests.gateway.process`.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import IO, Any

from tests.gateway.process import ROOT, Serving, environment, serving_by

_SECONDS = 120
_LONGEST = 1 << 20
"""Bytes of one message: arguments and environment."""
_LOCK = threading.Lock()


class PreparedProcess:
    """A forked process as `subprocess.Popen` shows one; its keeper tells the exit code through a pipe."""

    def __init__(self, arguments: tuple[str, ...], settings: Mapping[str, str], out: IO[Any], err: IO[Any]) -> None:
        self.returncode: int | None = None
        self._arguments = arguments
        told, telling = os.pipe()
        asked = json.dumps({"arguments": arguments, "environment": dict(settings)}).encode()
        with _LOCK:
            socket.send_fds(_nursery(), [asked], [out.fileno(), err.fileno(), telling])
        os.close(telling)
        self._told = os.fdopen(told, "r", encoding="utf-8", buffering=1)
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        return self.returncode if self._ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired(self._arguments, timeout or 0)
        return self.returncode

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def _ended(self, seconds: float | None) -> bool:
        if self.returncode is None:
            waiting = select.poll()
            waiting.register(self._told, select.POLLIN)
            if not waiting.poll(None if seconds is None else seconds * 1000):
                return False
            self.returncode = int(self._told.readline())
            self._told.close()
        return True


def prepared_hallpass(*arguments: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One command, run to its end, as `tests.gateway.process.hallpass` does it."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        code = PreparedProcess(arguments, environment(more), out, err).wait(_SECONDS)
        written: list[str] = []
        for file in (out, err):
            file.seek(0)
            written.append(file.read())
    return subprocess.CompletedProcess(arguments, code, *written)


def prepared_serving(more: Mapping[str, str], *arguments: str) -> AbstractContextManager[Serving]:
    """`hallpass serve` on a free port, until the block ends, as `tests.gateway.process.serving` does it."""
    return serving_by(PreparedProcess, more, *arguments)


@cache
def _nursery() -> socket.socket:
    """The end of the line to the process that forks; that one ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", "from tests.gateway.prepared import nursery; nursery()", str(theirs.fileno())],
            cwd=ROOT,
            env=environment({}),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )

    def end() -> None:
        ours.shutdown(socket.SHUT_RDWR)
        process.wait(10)

    atexit.register(end)
    return ours


def nursery() -> None:
    """Import what commands need, then fork a keeper for each that is asked for."""
    import gateway.cli
    from store.shipped_packs import shipped_packs

    for package in ("policy", "store", "resolvers", "schema", "gateway"):
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            importlib.import_module(module.name)
    shipped_packs()
    gc.freeze()  # else each child goes through all of it again, and copies it
    assert threading.active_count() == 1, "a fork takes one thread along"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    line = socket.socket(fileno=int(sys.argv[1]))
    while True:
        text, files, _, _ = socket.recv_fds(line, _LONGEST, 3)
        if not text:
            return
        if not os.fork():
            line.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(files[2])
            _become(json.loads(text), files)
            gateway.cli.main()
            return
        for file in files:
            os.close(file)


def _keep(telling: int) -> None:
    """Returns in the process that becomes the command; its keeper tells its id and its exit code, and ends."""
    child = os.fork()
    if not child:
        return
    os.write(telling, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(telling, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(asked: Mapping[str, Any], files: list[int]) -> None:
    for number, file in enumerate(files[:2], 1):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[1:] = asked["arguments"]
