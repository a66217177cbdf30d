"""Starting, joining and looking at embedded servers, in this process and in others."""

import os
import stat
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from store.database import open_connection
from store.embedded import EmbeddedServer, start

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def started(
    directory: Path, major: int | None = None, *, durable: bool = False
) -> AsyncGenerator[EmbeddedServer]:
    server = await start(directory, major, durable=durable)
    try:
        yield server
    finally:
        await server.stop()


def other_process(directory: Path) -> subprocess.Popen[str]:
    program = Path(__file__).with_name("holding_process.py")
    return subprocess.Popen(
        [sys.executable, program, directory],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


async def answers(url: str) -> bool:
    try:
        connection = await open_connection(url)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        return await connection.fetchval("select current_user::text") == "hallpass_app"
    finally:
        await connection.close()


def postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def postmaster_status(directory: Path) -> tuple[int, list[str]]:
    """The user of the running server and its further groups."""
    process = Path(f"/proc/{postmaster(directory)}")
    groups = (process / "status").read_text().split("Groups:")[1].splitlines()[0].split()
    return process.stat().st_uid, groups


def make_directory(path: Path, mode: int) -> None:
    path.mkdir(parents=True)
    path.chmod(mode)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
