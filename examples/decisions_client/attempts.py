"""What is tried again, and when: only what couldn't be answered now, within the time of one question."""

from dataclasses import dataclass
from typing import Final

from .reading import Reply

_LATER: Final = frozenset({429, 502, 503, 504})
_FIRST_PAUSE: Final = 0.1


@dataclass(slots=True)
class Attempts:
    """Every request of this client only asks, so that each is safe to send again.

    `until` and `now` are readings of one clock in seconds, `luck` a number from 0 to 1 that keeps many clients from
    coming back at the same moment.
    """

    most: int
    until: float
    made: int = 0
    renewed: bool = False

    def pause(self, reply: Reply | None, now: float, luck: float) -> float | None:
        """Seconds to wait before the next one; None: there is none. `reply` None: nothing came back in time."""
        self.made += 1
        if self.made >= self.most or (reply is not None and reply.status not in _LATER):
            return None
        pause = _FIRST_PAUSE * 2 ** (self.made - 1) * (0.5 + luck / 2)
        if reply is not None and reply.headers.get("retry-after", "").isdecimal():
            pause = max(pause, float(reply.headers["retry-after"][:6]))
        return pause if now + pause < self.until else None

    def renew(self, reply: Reply) -> bool:
        """Whether the token was refused for the first time: it may have ended before its time."""
        if reply.status != 401 or self.renewed:
            return False
        self.renewed = True
        return True
