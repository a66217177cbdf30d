"""How many of one kind of request come from one address, where each is fine and only their number is not."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at most in each span of time, which begins with the first of them."""

    most: int
    span: timedelta


PUSHES: Final = Rate(300, timedelta(minutes=1))
"""Requests that are pushed by clients without a secret: a district's whole staff may sign in from one address."""
RESET_MAILS: Final = (Rate(1, timedelta(minutes=1)), Rate(6, timedelta(hours=1)))
"""To one mailbox, by whomever and from wherever they are asked for."""
