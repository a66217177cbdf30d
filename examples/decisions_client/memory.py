"""Decisions used again for a few seconds, where the settings allow it; never what was refused."""

import threading
from collections import OrderedDict
from typing import Final

from .outcomes import Allowed, Denied, Outcome, Refused
from .questions import Question

_ABOUT_ONE: Final = frozenset({"user", "role_assignment"})
"""Resources that are somebody else's affair: `forget` couldn't find what rests on her."""
_Key = tuple[Question, str | None]


class Memory:
    """At most `most` decisions, each for `seconds`, by question and the access version that it had to have seen."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: OrderedDict[_Key, tuple[Allowed | Denied, float]] = OrderedDict()
        self._forgotten = 0
        self._lock = threading.Lock()

    @property
    def age(self) -> int:
        """What is handed to `keep`: an answer that was asked for before something was forgotten isn't kept."""
        return self._forgotten

    def get(self, question: Question, at_least: str | None, now: float) -> Allowed | Denied | None:
        with self._lock:
            found = self._kept.get((question, at_least))
        return found[0] if found is not None and now < found[1] else None

    def keep(self, question: Question, at_least: str | None, outcome: Outcome, *, asked_at: float, age: int) -> None:
        if not self._seconds or isinstance(outcome, Refused) or question.resource.type in _ABOUT_ONE:
            return
        with self._lock:
            if age != self._forgotten:
                return
            self._kept[question, at_least] = (outcome, asked_at + self._seconds)
            self._kept.move_to_end((question, at_least))
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self, user: str | None = None) -> None:
        """What is known of this user, or (None) of everybody."""
        with self._lock:
            self._forgotten += 1
            for key in [key for key in self._kept if user is None or key[0].subject.id.lower() == user.lower()]:
                del self._kept[key]
