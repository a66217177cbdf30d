"""The list of daily jobs: each room writes its own, and adds it here."""

from typing import Final

from gateway.outbox.daily import DailyJob

DAILY_JOBS: Final[tuple[DailyJob, ...]] = ()
"""In the order in which they are done."""
