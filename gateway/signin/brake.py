"""A first brake on guessing: failures slow the next answers down, without locking anybody out."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

_FREE_FAILURES: Final = 5
_FIRST_WAIT: Final = timedelta(seconds=2)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_MOST_KEYS: Final = 50_000


class Brake:
    """Counts failures in a row by key (an account's address and the caller's address); a success forgets them."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long until the next attempt is looked at; zero: now."""
        count, last = self._failures.get(key, (0, now))
        if count < _FREE_FAILURES:
            return timedelta(0)
        pause = min(_FIRST_WAIT * 2 ** min(count - _FREE_FAILURES, 20), _LONGEST_WAIT)
        return max(last + pause - now, timedelta(0))

    def failed(self, key: str, now: datetime) -> None:
        count, _ = self._failures.pop(key, (0, now))
        self._failures[key] = (count + 1, now)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
