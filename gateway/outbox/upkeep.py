"""Daily upkeep of the outbox: old rows go, and messages whose job was lost get another one."""

from datetime import timedelta
from typing import Final

from gateway.outbox.daily import Day
from store.connection import Connection
from store.logout_notices import requeue_lost_notices
from store.messages import purge, requeue_lost

_MESSAGES_KEPT: Final = timedelta(days=400)
"""A school year and the weeks in which it is asked about."""
_LOG_KEPT: Final = timedelta(days=30)


async def keep_outbox(day: Day, connection: Connection) -> str | None:
    if await requeue_lost(connection) or await requeue_lost_notices(connection):
        return "requeued"
    await purge(connection, _MESSAGES_KEPT, _LOG_KEPT)
    return None
