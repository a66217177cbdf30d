"""One id, one log line and one measurement per request; a WebSocket's line is written when it ends."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access_log import write_access_line
from gateway.logging import REQUEST_ID
from gateway.metrics import Metrics

UNMATCHED: Final = "(no route)"
_HEADER: Final = b"x-request-id"
SANE_ID: Final = re.compile(rb"[0-9a-fA-F-]{16,36}")
_NO_ANSWER: Final = 499
"""The client left before there was one."""
_OPEN: Final = 101
"""A WebSocket was accepted."""
_ANSWERS: Final = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})


def request_id_of(scope: Scope) -> str:
    """The id under which this request is logged and audited; also the answer's X-Request-ID."""
    found: str = scope.get("hallpass.request_id", "")
    return found


@dataclass(slots=True)
class _Answer:
    status: int = _NO_ANSWER


class Observation:
    """Outermost of all: what it doesn't see was never asked.

    An incoming X-Request-ID is kept if it is 16 to 36 hexadecimal digits and dashes; anything else could carry data.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _incoming_id(scope) or secrets.token_hex(16)
        header = (_HEADER, request_id.encode())
        scope["hallpass.request_id"] = request_id
        answer = _Answer()

        async def send_with_id(message: Message) -> None:
            kind = message["type"]
            if kind in _ANSWERS:
                answer.status = message.get("status", _OPEN)
                message["headers"] = [*message.get("headers", ()), header]
                if kind == "websocket.accept":
                    self._metrics.opened()
            elif kind == "websocket.close" and answer.status == _NO_ANSWER:
                answer.status = 403
            await send(message)

        before = REQUEST_ID.set(request_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            REQUEST_ID.reset(before)
            seconds = time.perf_counter() - started
            method, route = _known_method(scope), route_template(scope)
            if answer.status == _OPEN:
                self._metrics.closed()
            else:
                self._metrics.answered(route, method, answer.status, seconds)
            write_access_line(request_id, method, route, answer.status, seconds)


def route_template(scope: Scope) -> str:
    """The matched route as written in the route table: `/signin/callback/{provider}`."""
    route: Any = scope.get("route")
    return getattr(route, "path", UNMATCHED) if route is not None else UNMATCHED


def _known_method(scope: Scope) -> str:
    """A caller may invent methods: each would be a series of figures, and a way to write into the log."""
    method: str = scope.get("method", "WEBSOCKET")
    return method if method in _METHODS else "OTHER"


def _incoming_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER:
            return value.decode("ascii") if SANE_ID.fullmatch(value) else None
    return None
