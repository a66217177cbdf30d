"""Prometheus metrics of the gateway: requests by route template, durations, database pool and memory."""

import os
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.signals.figures import SignalFigures
from store.database import Pool

MULTIPROCESS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""A folder through which several workers add up their figures; the library reads it when it is imported."""
CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")

disable_created_metrics()  # one more series per label set, which nobody asks for


class Metrics:
    """One application's figures, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "hallpass_requests", "Answered requests.", ("route", "method", "status"), registry=self.registry
        )
        self._durations = Histogram(
            "hallpass_request_duration_seconds",
            "Time from a request's first byte to its answer's last.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._sockets = Gauge(
            "hallpass_websockets", "Open WebSockets.", registry=self.registry, multiprocess_mode="livesum"
        )
        self._connections = Gauge(
            "hallpass_database_connections",
            "Database connections of the pool.",
            ("state",),
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._memory = Gauge(
            "hallpass_process_memory_bytes",
            "Resident memory.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._decisions = Counter(
            "hallpass_logged_decisions",
            "Decisions that the log has written, or had no room or database for.",
            ("outcome",),
            registry=self.registry,
        )
        self._decisions_seen = {"written": 0, "dropped": 0}
        self._signals = Counter(
            "hallpass_signals", "Security events by what became of them.", ("client", "outcome"), registry=self.registry
        )
        self._signals_seen: dict[tuple[str, str], int] = {}
        self._streams = Gauge(
            "hallpass_signal_stream",
            "Streams of security events: what waits, what was refused, and how many seconds the oldest waits.",
            ("client", "figure"),
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._counted: dict[tuple[str, str, int], Counter] = {}
        self._timed: dict[tuple[str, str], Histogram] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer. `route` is a template and `method` a known one, so that there are few series."""
        counter = self._counted.get((route, method, status))
        if counter is None:
            counter = self._counted[route, method, status] = self._requests.labels(route, method, str(status))
            self._timed[route, method] = self._durations.labels(route, method)
        counter.inc()
        self._timed[route, method].observe(seconds)

    def opened(self) -> None:
        """A WebSocket: how long it stays open is no request's duration."""
        self._sockets.inc()

    def closed(self) -> None:
        self._sockets.dec()

    def refresh(self, pool: Pool) -> None:
        """Read what isn't counted as it happens: pool and memory."""
        size, idle = pool.get_size(), pool.get_idle_size()
        for state, count in (("busy", size - idle), ("idle", idle), ("limit", pool.get_max_size())):
            self._connections.labels(state).set(count)
        self._memory.set(int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES)

    def decisions_logged(self, written: int, dropped: int) -> None:
        """Take over what the log has counted since the process began."""
        for outcome, count in (("written", written), ("dropped", dropped)):
            self._decisions.labels(outcome).inc(count - self._decisions_seen[outcome])
            self._decisions_seen[outcome] = count

    def signaled(self, figures: SignalFigures) -> None:
        """Take over what was counted since the process began, and how the streams were when it looked last."""
        for key, count in figures.told.items():
            self._signals.labels(*key).inc(count - self._signals_seen.get(key, 0))
            self._signals_seen[key] = count
        for report in figures.reports:
            for figure, value in (
                ("waiting", report.waiting),
                ("behind", report.behind),
                ("dead", report.dead),
                ("lag_seconds", figures.lag_seconds(report)),
                ("enabled", int(report.status.value == "enabled")),
            ):
                self._streams.labels(report.client_id, figure).set(value)

    def text(self) -> bytes:
        """All figures in the text format 0.0.4; of every worker when there are several."""
        folder = os.environ.get(MULTIPROCESS_VARIABLE)
        if folder is None:
            return generate_latest(self.registry)
        _forget_dead_workers(Path(folder))
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)


def _forget_dead_workers(folder: Path) -> None:
    """A killed worker can't take its gauges back; its counters rightly stay."""
    for path in folder.glob("gauge_live*_*.db"):
        if not Path("/proc", path.stem.rpartition("_")[2]).exists():
            path.unlink(missing_ok=True)
