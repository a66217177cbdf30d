"""One PostgreSQL data directory: made whole or not at all, given its settings, started and stopped."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from store.embedded.account import Account
from store.embedded.binaries import Binaries
from store.embedded.errors import EmbeddedError

SUPERUSER = "hallpass"
_INITDB_SECONDS = 300
_START_SECONDS = 600
_STOP_SECONDS = 120
_START_LOG = "start.log"
_LOCALE: Mapping[int, tuple[str, ...]] = {
    16: ("--locale=C",),  # the builtin provider came with 17; keys that need more are computed in Python
    18: ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
}
_SETTINGS: Mapping[str, str] = {
    "cluster_name": "hallpass",  # shows in the list of processes
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",  # a week of files, each overwritten by its namesake
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_error_verbosity": "terse",  # a DETAIL line would quote the values of a person's row
}
_NOT_DURABLE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class Cluster:
    """The data directory `directory` of one major version, run by `account`."""

    def __init__(self, directory: Path, binaries: Binaries, account: Account, *, durable: bool = True) -> None:
        self.directory = directory
        self.binaries = binaries
        self.account = account
        self._durable = durable

    async def create(self) -> None:
        """Run initdb beside the place and move the result there: a killed initdb leaves nothing half-made."""
        if self.directory.is_dir():
            return
        staging = self.directory.with_name(f"{self.directory.name}.new")
        await asyncio.to_thread(shutil.rmtree, staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        self.account.own(staging)
        command: list[str | Path] = [
            self.binaries.program("initdb"),
            *("-D", staging, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--data-checksums"),
            *_LOCALE[self.binaries.major],
        ]
        if not self._durable:
            command.append("--no-sync")
        done = await asyncio.to_thread(self.account.run, command, _INITDB_SECONDS)
        if done.returncode != 0:
            raise EmbeddedError(f"initdb could not make {self.directory}: {_last_line(done.stderr)}.")
        staging.rename(self.directory)

    def write_settings(self, socket_directory: Path) -> None:
        """Settings go into a file, not onto a command line, where a blank in a path would end them."""
        settings = dict(_SETTINGS) | {"unix_socket_directories": f'"{socket_directory}"'}
        if not self._durable:
            settings |= _NOT_DURABLE
        lines = ["# Written by Hallpass before each start; settings of your own belong into postgresql.conf."]
        lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
        target = self.directory / "postgresql.auto.conf"
        staging = self.directory / "postgresql.auto.conf.new"
        self._write_new(staging, "\n".join(lines) + "\n")
        staging.replace(target)

    async def start(self) -> str:
        """Start the server and wait until it takes connections; the reason when it did not start, else ''.

        Waits as long as a recovery after a crash may take.
        """
        done = await self._control(["start", "-t", str(_START_SECONDS), "-l", _START_LOG], _START_SECONDS)
        return "" if done.returncode == 0 else self._why_not_started(done.stderr)

    async def stop(self, mode: str = "fast") -> None:
        """Stop the server; one that is not running is fine."""
        await self._control(["stop", "-t", str(_STOP_SECONDS), "-m", mode], _STOP_SECONDS)

    async def _control(self, arguments: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
        """Run pg_ctl in the data directory, which a variable names: it hands arguments to a shell, in mere quotes."""
        return await asyncio.to_thread(
            self.account.run,
            [self.binaries.program("pg_ctl"), *arguments, "-w", "-s"],
            seconds + 30,
            directory=self.directory,
            variables={"PGDATA": str(self.directory)},
        )

    def _write_new(self, path: Path, text: str) -> None:
        """Write a file that must be new: as root, a link laid by the server's account is never followed."""
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if self.account.switch:
                os.fchown(file.fileno(), self.account.uid, self.account.gid)

    def _why_not_started(self, stderr: str) -> str:
        try:
            log = (self.directory / _START_LOG).read_text(encoding="utf-8", errors="replace")
        except OSError:
            log = ""
        fatal = [line for line in log.splitlines() if "FATAL" in line]
        return fatal[-1].partition("FATAL:")[2].strip() if fatal else _last_line(stderr)


def existing_major(directory: Path) -> int | None:
    """The major version of the cluster in `directory`; None: there is none."""
    try:
        return int((directory / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "no reason was given"
