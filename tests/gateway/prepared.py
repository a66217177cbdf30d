"""Commands of `hallpass` in processes forked from one that has imported everything: the import takes two seconds each.

The process is the command's own all the same: its environment, arguments, exit code and what it writes. Tests of the
start itself use `tests.gateway.process`.
"""

import atexit
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.gateway.process import ROOT, environment

_SECONDS = 120
_LOCK = threading.Lock()


def prepared_hallpass(*arguments: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One command, run to its end, as `tests.gateway.process.hallpass` does it."""
    with tempfile.TemporaryDirectory(prefix="hallpass-test-") as folder:
        written = [Path(folder) / "out", Path(folder) / "err"]
        asked = {"arguments": arguments, "environment": environment(more), "written": [str(path) for path in written]}
        with _LOCK:
            told, answers = _nursery()
            told.write(json.dumps(asked) + "\n")
            told.flush()
            code = int(answers.readline())
        out, err = (path.read_text(encoding="utf-8") for path in written)
    return subprocess.CompletedProcess(arguments, code, out, err)


@cache
def _nursery() -> tuple[Any, Any]:
    """The process that forks, and the two ends to talk to it; it ends when this one does."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", "from tests.gateway.prepared import nursery; nursery()", str(theirs.fileno())],
            cwd=ROOT,
            env=environment({}),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    ours.settimeout(_SECONDS)

    def end() -> None:
        ours.shutdown(socket.SHUT_RDWR)
        process.wait(10)

    atexit.register(end)
    return ours.makefile("w", encoding="utf-8"), ours.makefile("r", encoding="utf-8")


def nursery() -> None:
    """Import what commands need, then fork for each that is asked for and tell its exit code."""
    import gateway.cli
    from store.shipped_packs import shipped_packs

    for package in ("policy", "store", "resolvers", "schema", "gateway"):
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            importlib.import_module(module.name)
    shipped_packs()
    assert threading.active_count() == 1, "a fork takes one thread along"
    with socket.socket(fileno=int(sys.argv[1])) as line:
        for text in line.makefile("r", encoding="utf-8"):
            child = os.fork()
            if not child:
                line.close()
                _become(json.loads(text))
                gateway.cli.main()
                return
            _, status = os.waitpid(child, 0)
            line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(asked: Mapping[str, Any]) -> None:
    for number, path in enumerate(asked["written"], 1):
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[1:] = asked["arguments"]
