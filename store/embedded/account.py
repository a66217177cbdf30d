"""The operating-system account that the server runs under: one's own, or a system user where Hallpass runs as root.

PostgreSQL refuses to run as root.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.embedded.errors import EmbeddedError

SYSTEM_USER = "hallpass"
_USER_EXISTS = 9
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server's files belong to. `switch`: commands must change to that user first."""

    uid: int
    gid: int
    switch: bool

    def run(
        self,
        command: Sequence[str | Path],
        seconds: float,
        *,
        directory: Path = Path("/"),
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """A command as this account, in `directory`, with `variables` and no other PG* variable to bend it.

        It has a session of its own: Ctrl-C in the terminal is for the gateway, which then stops the server in order.
        """
        identity: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}
        return subprocess.run(
            [os.fspath(part) for part in command],
            check=False,
            cwd=directory,
            env=_ENVIRONMENT | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            start_new_session=True,
            **identity,
        )

    def can_enter(self, directory: Path) -> bool:
        """Whether every directory on the way lets this account through."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", directory], 30).returncode == 0

    def own(self, path: Path) -> None:
        """Make the path this account's."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account() -> Account:
    """The account for this process's servers; as root the system user `hallpass` is made when it is absent."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _add_system_user()
    if entry.pw_uid == 0:
        raise EmbeddedError(f"The user {SYSTEM_USER} is root by another name: PostgreSQL needs an ordinary account.")
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _add_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        reason = done.stderr.strip()
        if done.returncode in (0, _USER_EXISTS):  # another process may have been quicker
            return pwd.getpwnam(SYSTEM_USER)
    except (FileNotFoundError, KeyError) as error:
        reason = str(error)
    raise EmbeddedError(
        f"PostgreSQL does not run as root and the system user {SYSTEM_USER} could not be made ({reason}): add it, "
        "run Hallpass as an ordinary user, or set HALLPASS_DATABASE_URL."
    )
