"""One id, one log line and one measurement per request; a WebSocket's line is written when it ends."""

import re
from typing import Any, Final

from starlette.types import Scope

from gateway.access_log import write_access_line
from gateway.metrics import Metrics

UNMATCHED: Final = "(no route)"
ID_HEADER: Final = b"x-request-id"
SANE_ID: Final = re.compile(rb"[0-9a-fA-F-]{16,36}")
NO_ANSWER: Final = 499
"""The client left before there was one."""
OPEN: Final = 101
"""A WebSocket was accepted."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})


def request_id_of(scope: Scope) -> str:
    """The id under which this request is logged and audited; also the answer's X-Request-ID."""
    found: str = scope.get("hallpass.request_id", "")
    return found


def observed(metrics: Metrics, scope: Scope, request_id: str, status: int, seconds: float) -> None:
    """Counts an answer, or the end of a socket, and leaves its line in the log."""
    method, route = _known_method(scope), route_template(scope)
    if status == OPEN:
        metrics.closed()
    else:
        metrics.answered(route, method, status, seconds)
    write_access_line(request_id, method, route, status, seconds)


def route_template(scope: Scope) -> str:
    """The matched route as written in the route table: `/signin/callback/{provider}`."""
    route: Any = scope.get("route")
    return getattr(route, "path", UNMATCHED) if route is not None else UNMATCHED


def _known_method(scope: Scope) -> str:
    """A caller may invent methods: each would be a series of figures, and a way to write into the log."""
    method: str = scope.get("method", "WEBSOCKET")
    return method if method in _METHODS else "OTHER"


def incoming_id(scope: Scope) -> str | None:
    """An incoming X-Request-ID is kept if it is 16 to 36 hexadecimal digits and dashes; else it could carry data."""
    for name, value in scope["headers"]:
        if name == ID_HEADER:
            return value.decode("ascii") if SANE_ID.fullmatch(value) else None
    return None
