"""When a mail that was not accepted is tried again, and when it is given up."""

from datetime import timedelta
from typing import Final

from store.mail_templates import Urgency

_FIRST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(hours=1)
_PATIENCE: Final = timedelta(days=3)
_PATIENCE_AWAITED: Final = timedelta(hours=6)
"""Whoever waited for a link has asked for another one by then."""


def again_in(attempts: int, drawn: float) -> timedelta:
    """Twice as long after each attempt, up to an hour, and up to a quarter more or less so that not all come at once.

    `attempts`: how many there were; `drawn`: a random number from 0 to 1.
    """
    doubled = min(_FIRST * 2 ** min(attempts - 1, 16), _LONGEST)
    return doubled * (0.75 + 0.5 * drawn)


def is_given_up(urgency: int, waited: timedelta) -> bool:
    """Whether a mail that was queued so long ago is a dead letter now."""
    return waited > (_PATIENCE_AWAITED if urgency >= Urgency.AWAITED else _PATIENCE)
