"""What `hallpass serve --demo` does besides serving: the demo state, its clients, and the example system beside it."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.demo.clients import demo_clients, register
from gateway.demo.example_address import example_address
from gateway.demo.example_files import write_example_files
from gateway.demo.load import load_demo
from gateway.demo.mix import mix
from gateway.demo.places import LEAST_USERS
from gateway.demo.sign_ins import demo_password_hash, has_password, sign_ins
from gateway.state import Gateway
from store.connection import Connection
from store.demo import holding

_PROJECT: Final = Path(__file__).parent.parent.parent
_MODULE: Final = "examples.reporting"
_PATIENCE: Final = 5.0
"""Seconds that the example system gets to end."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What a person is told, and how the example system is started; `environ` is None where there is none."""

    sentences: tuple[str, ...]
    environ: Mapping[str, str] | None


async def prepare_demo(gateway: Gateway) -> Demo:
    """Load 200 people where the database is empty, and register the demo clients at today's addresses.

    A database with people of its own is left alone, and served as it is.
    """
    async with gateway.pool.acquire() as connection:
        users = await _loaded(gateway, connection)
        if users is None:
            return Demo(("The database holds people of its own: it is served without the demo state.",), None)
        address = example_address(gateway.settings.port)
        secrets = await register(
            connection, gateway.packs.current, gateway.settings.data_dir, gateway.new_token, address
        )
    files = await asyncio.to_thread(write_example_files, gateway.settings.data_dir, users)
    client = demo_clients().example
    environ = {
        "REPORTING_ISSUER": gateway.settings.issuer,
        "REPORTING_ADDRESS": address,
        "REPORTING_CLIENT_ID": client.id,
        "REPORTING_CLIENT_SECRET": secrets[client.id],
        "REPORTING_DIRECTORY": str(files.directory),
        "REPORTING_ROSTERS": str(files.rosters),
    }
    there = (_PROJECT / "examples" / "reporting").is_dir()
    return Demo(_sentences(gateway, users, address if there else None), environ if there else None)


@asynccontextmanager
async def example_running(demo: Demo | None) -> AsyncGenerator[None]:
    """The example system as a process of its own for the length of the block.

    It watches its standard input, so that it also ends when this process is killed.
    """
    if demo is None or demo.environ is None:
        yield
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _MODULE,
        "--until-stdin-closes",
        cwd=_PROJECT,
        env=_without_ours(os.environ) | dict(demo.environ),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this process, which then ends that one
    )
    try:
        yield
    finally:
        await _end(process)


async def _loaded(gateway: Gateway, connection: Connection) -> int | None:
    """How many people the demo state in the database has; None: something else is there."""
    found = await holding(connection)
    if found.demo_users is not None:
        return found.demo_users
    if found.people or found.organizations:
        return None
    hashed = await demo_password_hash(gateway.settings, gateway.hashing)
    return (await load_demo(connection, LEAST_USERS, gateway.packs.current, hashed)).users


def _sentences(gateway: Gateway, users: int, example: str | None) -> tuple[str, ...]:
    known = sign_ins(gateway.packs.current)
    people = [f"  {person.email:<34}{person.name} ({roles})" for person, roles in known if person.at_start]
    password = f", password of each “{mix().password}”" if has_password(gateway.settings) else ""
    return (
        f"Demo state of {users:,} invented people. Sign-ins{password}:",
        *people,
        f"  and {len(known) - len(people)} more, one for every other role: hallpass demo people",
        *([f"Example reporting system: {example}"] if example else []),
    )


def _without_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """Another system is told nothing of the gateway's settings."""
    return {name: value for name, value in environ.items() if not name.startswith("HALLPASS_")}


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
