"""Removes a postmaster.pid whose process is no server of that directory, which PostgreSQL itself can't always see.

After a crash the pid may be a zombie that nobody reaps (a container without an init) or, after a restart of the
machine, another program of the same user: PostgreSQL takes both for a running server and never starts again.
Removing the file loses no safety: backends that a killed postmaster left behind still hold its shared memory, and a
start is refused on account of that.
"""

import os
from pathlib import Path

_PROCESSES = Path("/proc")


def remove_stale_pid_file(cluster_directory: Path) -> bool:
    """Whether a file was removed. Does nothing where /proc is absent or the process may be the server."""
    pid_file = cluster_directory / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return False
    if not (_PROCESSES / str(os.getpid())).is_dir() or _may_be_server(pid, cluster_directory):
        return False
    pid_file.unlink(missing_ok=True)
    return True


def _may_be_server(pid: int, cluster_directory: Path) -> bool:
    """A server's working directory is its data directory; a process that has ended, zombies included, has none."""
    process = _PROCESSES / str(pid)
    try:
        return (process / "cwd").resolve(strict=True) == cluster_directory.resolve()
    except FileNotFoundError:
        return False
    except PermissionError:
        return not _is_zombie(process)


def _is_zombie(process: Path) -> bool:
    try:
        status = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"
