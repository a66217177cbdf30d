"""How failures slow the next attempts down: tables of limits that the store counts by (NIST SP 800-63B-4 3.2.2)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures in a row cost nothing; each further one doubles the wait, from `first` to `longest`.

    `most`: at so many in a row no attempt is looked at any more; None: there is no end. `forget`: after so long without
    a failure the count begins anew; None: only a success ends it.
    """

    free: int
    first: timedelta
    longest: timedelta
    most: int | None = None
    forget: timedelta | None = None

    def wait_after(self, failures: int) -> timedelta:
        """How long nothing is looked at after so many failures in a row."""
        over = failures - self.free
        return timedelta(0) if over < 0 else min(self.first * 2 ** min(over, 20), self.longest)


ACCOUNT: Final = Limit(5, timedelta(seconds=30), timedelta(hours=1), most=100)
"""Of one account's password or second step, from browsers that aren't known or from one that is: 3.2.2 allows 100."""
ADDRESS: Final = Limit(50, timedelta(seconds=30), timedelta(minutes=15), forget=timedelta(hours=1))
"""From one address, whatever the account: a district's whole staff may sign in from one."""
REQUESTS: Final = Limit(5, timedelta(seconds=30), timedelta(hours=1), forget=timedelta(days=1))
"""Of requests that send a mail, where each counts, good or not."""
