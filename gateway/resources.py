"""Opens a process's resources in order and gives them back in reverse: database, packs, keys, threads."""

import secrets
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from gateway.access_listener import Hearing, listening
from gateway.database import open_database
from gateway.decisions.log import DecisionLog
from gateway.graphql.subscriptions.live import Live
from gateway.oidc.keys.ring import KeyRing, KeysUnreadableError
from gateway.packs_in_force import PacksInForce
from gateway.root_key import open_root_key
from gateway.settings import Settings, SettingsError
from gateway.signin.hash_threads import hashing_executor
from gateway.state import Gateway
from policy.pack_problems import PackError
from store.database import DatabaseError, Pool
from store.packs import ensure_default_packs


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncGenerator[Gateway]:
    """The resources of one process, ready to serve: database migrated, packs loaded, signing keys present.

    Raises SettingsError, EmbeddedError or DatabaseError with sentences when it can't be.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        async with database.pool.acquire() as connection:
            secret_key = await open_root_key(connection, settings)
        await _ensure_keys(database.pool, secret_key)
        packs = await _load_packs(database.pool)
        live = Live()
        await stack.enter_async_context(listening(database.url, Hearing(packs, live, utc_now)))
        decision_log = DecisionLog(settings.decision_log_denials, settings.decision_log_allows)
        keep = timedelta(days=settings.decision_log_days)
        await stack.enter_async_context(decision_log.writing(database.pool, utc_now, keep))
        hashing = hashing_executor(settings)
        stack.callback(hashing.shutdown, cancel_futures=True)
        yield Gateway(
            settings=settings,
            secret_key=secret_key,
            pool=database.pool,
            packs=packs,
            now=utc_now,
            new_id=uuid.uuid4,
            new_token=new_token,
            hashing=hashing,
            live=live,
            decision_log=decision_log,
            database_url=database.url,
        )


async def _ensure_keys(pool: Pool, secret_key: bytes) -> None:
    try:
        await KeyRing(pool, secret_key).at(utc_now())
    except KeysUnreadableError as error:
        raise SettingsError((str(error),)) from error


async def _load_packs(pool: Pool) -> PacksInForce:
    """The packs in force, after those that ship with Hallpass were stored where a version is absent."""
    try:
        async with pool.acquire() as connection:
            async with connection.transaction():
                await ensure_default_packs(connection)
            return await PacksInForce.load(connection)
    except PackError as error:
        raise DatabaseError(
            f"A stored program pack does not fit this version; load a mended one with `hallpass programs load`. {error}"
        ) from error


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_token() -> str:
    """256 random bits in base64url."""
    return secrets.token_urlsafe(32)
