"""Hears of changed access from other processes and reads packs ahead of the next request; nothing depends on it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.packs_in_force import PacksInForce
from store.access_version import CHANNEL, EVERYBODY, read_epoch
from store.database import Connection, open_connection

_log = logger("hallpass.listener")
_PAUSE_SECONDS: Final = 5.0


@asynccontextmanager
async def listening(url: str, packs: PacksInForce) -> AsyncGenerator[None]:
    """Listen until the block ends, on a connection of its own that is opened again when it is lost."""
    task = asyncio.create_task(_listen(url, packs))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(url: str, packs: PacksInForce) -> None:
    while True:
        try:
            connection = await open_connection(url, application="hallpass-listener")
            try:
                await _until_lost(connection, packs)
            finally:
                await connection.close(timeout=5)
        except CONNECTION_ERRORS as error:
            _log.warning("not listening for changed access; each request still asks", reason=type(error).__name__)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _until_lost(connection: Connection, packs: PacksInForce) -> None:
    changed = asyncio.Event()

    def heard(_connection: Any, _process: int, _channel: str, payload: object) -> None:
        if payload == EVERYBODY:
            changed.set()

    def lost(_connection: Any) -> None:
        changed.set()

    connection.add_termination_listener(lost)
    await connection.add_listener(CHANNEL, heard)
    try:
        while not connection.is_closed():
            await changed.wait()
            changed.clear()
            if not connection.is_closed():
                await packs.at(connection, await read_epoch(connection))
    finally:
        connection.remove_termination_listener(lost)
