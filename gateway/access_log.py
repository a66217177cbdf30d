"""The line that each request leaves in the log, written past structlog's chain: it holds nothing a caller wrote."""

import logging
from datetime import UTC, datetime
from typing import Final

import orjson

from gateway.logging import write_line

_LOG: Final = logging.getLogger("hallpass.access")
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics", "/static/{digest}/{name:path}"})


def write_access_line(request_id: str, method: str, route: str, status: int, seconds: float) -> None:
    """`route` is a template of ours and `method` one that is known: path, query and headers never come here.

    Probes and static files are told at level debug. A tenth of what the chain costs, at thousands of requests a second.
    """
    level = logging.DEBUG if route in _QUIET and status < 500 else logging.INFO
    if not _LOG.isEnabledFor(level):
        return
    line = {
        "source": _LOG.name,
        "event": "request",
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
        "request_id": request_id,
        "level": "info" if level == logging.INFO else "debug",
        "timestamp": datetime.now(UTC).isoformat(timespec="microseconds")[:-6] + "Z",
    }
    write_line(orjson.dumps(line))
