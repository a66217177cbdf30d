"""What one process counts and knows of the streams, for `/metrics`."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from store.signal_streams import StreamReport


@dataclass(slots=True)
class SignalFigures:
    """`told`: events by client and outcome since the process began. `reports`: the streams when it looked last."""

    told: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    reports: tuple[StreamReport, ...] = ()
    read_at: datetime | None = None
    polls_waiting: int = 0
    """Requests of polling receivers that are kept open now."""

    def count(self, client_id: str, outcome: str) -> None:
        self.told[client_id, outcome] += 1

    def lag_seconds(self, report: StreamReport) -> float:
        """How old the oldest thing is that a stream has still to tell, or to look through."""
        if report.oldest_at is None or self.read_at is None:
            return 0.0
        return max(0.0, (self.read_at - report.oldest_at).total_seconds())
