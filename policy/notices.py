"""Which notice of an expiry is due today: each mark once, also where the daily work was missed on the very day."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

CREDENTIAL_MARKS: Final = (30, 7)
"""Days before the last day of a credential (decisions, accounts 7)."""
SIS_MARKS: Final = (14, 7, 3, 1)
"""Days before the last day of SIS credentials (S1-34)."""
EXPIRED: Final = 0
"""The mark of what has expired: nobody is written to, but access has changed."""


def due_notice(expires_on: date, today: date, marks: Collection[int], sent: Collection[int]) -> int | None:
    """The mark that is due and wasn't sent; EXPIRED the day after the last day; None: nothing.

    Marks that were missed are made up for by one notice, the nearest.
    """
    left = (expires_on - today).days
    if left < 0:
        return None if EXPIRED in sent else EXPIRED
    passed = [mark for mark in marks if left <= mark]
    if not passed or any(mark in sent for mark in marks if mark <= min(passed)):
        return None
    return min(passed)


def window(today: date, marks: Collection[int], *, missed: timedelta = timedelta(days=31)) -> tuple[date, date]:
    """The last days among which anything can be due; `missed`: for how long the daily work may have stood still."""
    return today - missed, today + timedelta(days=max(marks))
