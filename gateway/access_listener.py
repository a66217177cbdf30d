"""Hears of changed access from other processes: packs are read ahead, and open sockets are looked after."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.background import in_background
from gateway.checks import CONNECTION_ERRORS
from gateway.graphql.subscriptions.live import Live
from gateway.logging import logger
from gateway.packs_in_force import PacksInForce
from store.access_changes import purge_changes
from store.access_version import CHANNEL, EVERYBODY, read_epoch
from store.database import Connection, open_connection

_log = logger("hallpass.listener")
_PAUSE_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 15.0
"""So often sockets are looked after where no notification arrives."""
_LONGEST_LOOK_SECONDS: Final = 30.0
_PURGE_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is done with what is heard. No request depends on it; sockets are closed when it can't be done for long."""

    packs: PacksInForce
    live: Live
    now: Callable[[], datetime]
    look_seconds: float = LOOK_SECONDS
    pause_seconds: float = _PAUSE_SECONDS


@asynccontextmanager
async def listening(url: str, hearing: Hearing) -> AsyncGenerator[None]:
    """Listen until the block ends, on a connection of its own that is opened again when it is lost."""
    async with in_background(_listen(url, hearing)):
        yield


async def _listen(url: str, hearing: Hearing) -> None:
    while True:
        try:
            connection = await open_connection(url, application="hallpass-listener")
            try:
                await _until_lost(connection, hearing)
            finally:
                await connection.close(timeout=5)
        except CONNECTION_ERRORS as error:
            _log.warning("not listening for changed access; each request still asks", reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, this process must hear again
            _log.error("the listener for changed access failed and begins anew", exc_info=error)
        hearing.live.not_seen()
        await asyncio.sleep(hearing.pause_seconds)


async def _until_lost(connection: Connection, hearing: Hearing) -> None:
    """Looks at once, for what was missed before; then whenever something is heard, and where nothing is, in time."""
    woken = asyncio.Event()
    everybody = True

    def heard(_connection: Any, _process: int, _channel: str, payload: object) -> None:
        nonlocal everybody
        everybody = everybody or payload == EVERYBODY
        woken.set()

    def lost(_connection: Any) -> None:
        woken.set()

    connection.add_termination_listener(lost)
    await connection.add_listener(CHANNEL, heard)
    hearing.live.feed.woken_by(woken.set)
    purge_at = hearing.now() + _PURGE_EVERY
    try:
        while not connection.is_closed():
            woken.clear()
            read_packs, everybody = everybody, False
            async with asyncio.timeout(_LONGEST_LOOK_SECONDS):
                if read_packs:
                    await hearing.packs.at(connection, await read_epoch(connection))
                await hearing.live.look(connection, hearing.packs, hearing.now())
                if hearing.now() >= purge_at:
                    purge_at = hearing.now() + _PURGE_EVERY
                    await purge_changes(connection, hearing.now())
            with suppress(TimeoutError):
                async with asyncio.timeout(hearing.look_seconds):
                    await woken.wait()
    finally:
        connection.remove_termination_listener(lost)
