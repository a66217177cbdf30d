"""The checks of a running deployment, one function each; `/readyz` and `hallpass doctor` run them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from gateway.oidc.keys.sealing import SealError
from gateway.oidc.keys.signing_key import open_key
from gateway.root_key import present_root_key
from gateway.secret_key import subkey
from gateway.settings import Settings, SettingsError
from migrations.state import version_state
from policy.relying_parties import ID_TOKEN_ALGORITHMS
from store.database import Connection, DatabaseError, Pool
from store.health import database_clock, excessive_rights
from store.signing_keys import published_keys

LONGEST_CHECK: Final = 5.0
"""Seconds after which a check that has not answered has failed."""
LARGEST_CLOCK_DIFFERENCE: Final = timedelta(seconds=5)
CONNECTION_ERRORS: Final = (
    OSError,
    TimeoutError,
    DatabaseError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement just after the server's farewell and before the connection's end
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result; `problem` says what is wrong and what to do, None: nothing."""

    name: str
    problem: str | None

    @property
    def ok(self) -> bool:
        return self.problem is None


Check = Callable[[Connection, datetime], Awaitable[str | None]]


async def database_answers(connection: Connection, now: datetime) -> str | None:
    await database_clock(connection)
    return None


async def database_migrated(connection: Connection, now: datetime) -> str | None:
    return (await version_state(connection)).problem


async def keys_sign(connection: Connection, now: datetime) -> str | None:
    """A key of each algorithm that signs now."""
    keys = await published_keys(connection, now)
    signing = {key.alg for key in keys if key.signs_from <= now and (key.signs_until is None or now < key.signs_until)}
    missing = [alg for alg in ID_TOKEN_ALGORITHMS if alg not in signing]
    if missing:
        return f"No key signs {' and '.join(missing)} now: start the gateway once, or run `hallpass keys rotate`."
    return None


def keys_open_with(settings: Settings) -> Check:
    """The check that keys sign, and that the published ones open under the secret key of these settings."""

    async def keys_open(connection: Connection, now: datetime) -> str | None:
        try:
            root = await present_root_key(connection, settings)
        except SettingsError as error:
            return str(error)
        try:
            for key in await published_keys(connection, now):
                open_key(key, subkey(root, "signing-keys"))
        except SealError:
            return "A signing key lies under another secret key: restore that one, or run `hallpass keys rotate`."
        return await keys_sign(connection, now)

    return keys_open


async def clocks_agree(connection: Connection, now: datetime) -> str | None:
    difference = abs(await database_clock(connection) - now)
    if difference > LARGEST_CLOCK_DIFFERENCE:
        seconds = difference.total_seconds()
        return f"This machine's clock and the database's differ by {seconds:.0f} s: let both follow a time server."
    return None


async def role_is_weak(connection: Connection, now: datetime) -> str | None:
    rights = await excessive_rights(connection)
    if rights:
        return f"The serving role may {' and '.join(rights)}: revoke that, or run `hallpass migrate` again."
    return None


READINESS: Final[tuple[tuple[str, Check], ...]] = (
    ("database", database_answers),
    ("migrations", database_migrated),
    ("keys", keys_sign),
)


async def findings(pool: Pool, checks: tuple[tuple[str, Check], ...], now: datetime) -> list[Finding]:
    """Each check on one connection, in order; what breaks one off is the problem of the rest."""
    found: list[Finding] = []
    problem = "not asked"
    try:
        async with asyncio.timeout(LONGEST_CHECK), pool.acquire() as connection:
            for name, check in checks:
                found.append(Finding(name, await check(connection, now)))
    except CONNECTION_ERRORS as error:
        problem = sentence_of(error)
    return [*found, *(Finding(name, problem) for name, _ in checks[len(found) :])]


def sentence_of(error: Exception) -> str:
    """Why there was no answer. A server's own text stays out: it may quote addresses and values."""
    if isinstance(error, DatabaseError):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"The database did not answer within {LONGEST_CHECK:.0f} seconds: look at its load and its log."
    if isinstance(error, asyncpg.UndefinedTableError):
        return "The database isn't migrated: run `hallpass migrate`."
    return f"The database can't be reached ({type(error).__name__}): see that it runs."
