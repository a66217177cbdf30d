"""Overrides of cells begin and end by the calendar: everybody who follows changes is told at midnight."""

from datetime import timedelta

from gateway.outbox.daily import Day
from store.access_version import raise_epoch
from store.connection import Connection
from store.overrides import days_change


async def tell_of_overrides(day: Day, connection: Connection) -> str | None:
    """What counts on a day follows from the day itself (`GrantSpec.counts_on`); this only tells of it."""
    if await days_change(connection, day.date, day.date - timedelta(days=1)):
        await raise_epoch(connection)
    return None
