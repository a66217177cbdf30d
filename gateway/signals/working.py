"""The work on signals beside requests: what waits is pushed, and streams that nobody reads are disabled."""

import asyncio
from typing import Final

from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.oidc.keys.ring import KeyRing
from gateway.signals.pushing import Pusher
from gateway.state import Gateway
from policy.signals import KEPT_FOR
from store.connection import Connection
from store.signal_events import forget_told, put_in_order
from store.signal_status import StatusChange, change_status
from store.signal_streams import SetBy, Status, StreamReport, locked_stream, stream_reports

_log = logger("hallpass.signals")
LOOK_SECONDS: Final = 2.0
"""So often a process looks whether there is something to tell."""
_UPKEEP_SECONDS: Final = 30.0
_PUSHERS: Final = 3
"""Streams that one process works on at once: a slow receiver holds up no other one."""
NOT_READ: Final = "Nothing was taken for a week."


async def tell_signals(gateway: Gateway) -> None:
    """For ever."""
    keys = KeyRing(gateway.pool, gateway.secret_key)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_PUSHERS):
            tasks.create_task(_push(gateway, Pusher(gateway, keys)))
        tasks.create_task(_keep(gateway))


async def push_due(gateway: Gateway, pusher: Pusher) -> None:
    """Everything that is due now and that no other process has in hand."""
    async with gateway.pool.acquire() as connection:
        await put_in_order(connection)
    while await pusher.push_one():
        pass


async def upkeep(gateway: Gateway) -> None:
    """Disable streams whose receiver is away for too long, forget what all have, and read the figures."""
    now = gateway.now()
    async with gateway.pool.acquire() as connection:
        await put_in_order(connection)
        for report in await stream_reports(connection):
            late = report.oldest_at is not None and now - report.oldest_at > KEPT_FOR
            if late and report.status is not Status.DISABLED:
                async with connection.transaction():
                    await _disable(gateway, connection, report)
        while await forget_told(connection):
            pass
        gateway.signals.reports, gateway.signals.read_at = await stream_reports(connection), now


async def _disable(gateway: Gateway, connection: Connection, report: StreamReport) -> None:
    stream = await locked_stream(connection, report.id)
    if stream is not None and stream.status is report.status:
        ids = gateway.new_id(), gateway.new_id()
        change = StatusChange(Status.DISABLED, SetBy.TRANSMITTER, NOT_READ, *ids)
        await change_status(connection, stream.id, change, gateway.now())
        _log.warning("a stream of signals is disabled", client=report.client_id, reason=NOT_READ)


async def _push(gateway: Gateway, pusher: Pusher) -> None:
    while True:
        try:
            await push_due(gateway, pusher)
        except CONNECTION_ERRORS as error:
            _log.warning("signals wait for the database", reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - one stream's fault never ends the telling
            _log.error("telling signals failed and begins anew", exc_info=error)
        await asyncio.sleep(LOOK_SECONDS)


async def _keep(gateway: Gateway) -> None:
    while True:
        try:
            await upkeep(gateway)
        except CONNECTION_ERRORS as error:
            _log.warning("streams of signals wait for the database", reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - it is done again
            _log.error("upkeep of signals failed and is done again", exc_info=error)
        await asyncio.sleep(_UPKEEP_SECONDS)
