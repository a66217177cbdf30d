"""One id, one log line and one measurement per request."""

import re
import time
import uuid
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.logging import logger
from gateway.metrics import Metrics

UNMATCHED: Final = "(no route)"
_HEADER: Final = b"x-request-id"
_SANE_ID: Final = re.compile(rb"[0-9a-fA-F-]{16,36}")
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics", "/static/{digest}/{name:path}"})
_log = logger("hallpass.access")


def request_id_of(scope: Scope) -> str:
    """The id under which this request is logged and audited; also the answer's X-Request-ID."""
    found: str = scope.get("hallpass.request_id", "")
    return found


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
        request_id = _incoming_id(scope) or str(uuid.uuid4())
        scope["hallpass.request_id"] = request_id
        status = 101 if scope["type"] == "websocket" else 499  # 499: the client left before there was an answer

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        """The template, never the path or query: those carry codes, tokens and people's ids."""
        route = route_template(scope)
        method: str = scope.get("method", "WEBSOCKET")
        self._metrics.answered(route, method, status, seconds)
        write = _log.debug if route in _QUIET and status < 500 else _log.info
        write("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 2))


def route_template(scope: Scope) -> str:
    """The matched route as written in the route table: `/signin/callback/{provider}`."""
    route: Any = scope.get("route")
    return getattr(route, "path", UNMATCHED) if route is not None else UNMATCHED


def _incoming_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _HEADER:
            return value.decode("ascii") if _SANE_ID.fullmatch(value) else None
    return None
