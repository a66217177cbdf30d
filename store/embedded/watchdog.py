"""Starts the embedded server again when it is killed under a living gateway."""

import asyncio
import logging
from typing import Any

import asyncpg

from store.database import DatabaseError
from store.embedded.errors import EmbeddedError
from store.embedded.server import EmbeddedServer

_LOG = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


async def watch(server: EmbeddedServer) -> None:
    """Hold a connection that tells at once when the server is gone, and start it again; runs until cancelled.

    Each process may run one: the lock lets the first restart it and the others find it running.
    """
    while True:
        try:
            await _until_lost(server)
            _LOG.warning("the embedded database closed its connection; seeing that it runs")
            await server.ensure_running()
            _LOG.warning("the embedded database runs")
        except (EmbeddedError, DatabaseError, *_LOST) as error:
            _LOG.error("the embedded database is not there: %s", error)
            await asyncio.sleep(_PAUSE_SECONDS)


async def _until_lost(server: EmbeddedServer) -> None:
    try:
        connection = await server.connect_as_superuser()
    except _LOST:
        return  # gone already
    lost = asyncio.Event()

    def tell(_: Any) -> None:
        lost.set()

    connection.add_termination_listener(tell)
    try:
        if not connection.is_closed():
            await lost.wait()
    finally:
        connection.remove_termination_listener(tell)
        await connection.close(timeout=5)
