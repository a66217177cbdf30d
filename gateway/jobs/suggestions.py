"""Forgets suggested roles that no set of a student information system has contained for 90 days, decided or not."""

from datetime import timedelta
from typing import Final

from gateway.outbox.daily import Day
from store.connection import Connection
from store.suggestions import forget_old_suggestions

KEPT: Final = timedelta(days=90)


async def forget_old(day: Day, connection: Connection) -> str | None:
    """The daily job: one statement."""
    await forget_old_suggestions(connection, day.date - KEPT)
    return None
