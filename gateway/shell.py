"""What surrounds every request, in one layer: its id, figures and log line, headers, refusals, the body's limit.

One layer because each one of its own costs a hot request as much as finding its plan; what is done stands in the
modules named for it.
"""

import os
import time
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.arrivals import Arrivals
from gateway.headers import IssuerHost, SecurityHeaders
from gateway.limits import body_limits
from gateway.logging import REQUEST_ID
from gateway.metrics import Metrics
from gateway.observation import ID_HEADER, NO_ANSWER, OPEN, incoming_id, observed
from gateway.problems import problem_response, tell
from gateway.settings import Settings

_REFUSED_SOCKET: Final = 403


class Shell:
    """The outermost layer: what it doesn't see was never asked."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app: Final = app
        self.headers: Final = SecurityHeaders(settings)
        self.host: Final = IssuerHost(settings)
        self.limits: Final = body_limits(settings.max_body_bytes)
        self.metrics: Final = metrics
        self.arrivals: Final = Arrivals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = scope["hallpass.request_id"] = incoming_id(scope) or os.urandom(16).hex()
        exchange = _Exchange(self, scope, receive, send, request_id)
        before = REQUEST_ID.set(request_id)
        try:
            if scope["type"] == "http":
                await self._answer(scope, exchange)
            else:
                await self.app(scope, receive, exchange.send)
        finally:
            REQUEST_ID.reset(before)
            observed(self.metrics, scope, request_id, exchange.status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, exchange: "_Exchange") -> None:
        """Answers what nobody expected, and what is refused here, before the server would close the connection."""
        elsewhere = self.host.elsewhere(scope)
        if elsewhere is not None:
            for message in elsewhere:
                await exchange.send(message)
            return
        try:
            exchange.limit.check_announced(scope)
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:
            tell(error)
            if exchange.status != NO_ANSWER:
                raise
            await problem_response(Request(scope, exchange.receive), error)(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request's messages on their way: what comes in is counted, what goes out gets its headers."""

    __slots__ = ("_arrived", "_began", "_receive", "_request_id", "_send", "_shell", "_whole", "limit", "status")

    def __init__(self, shell: Shell, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self.limit = shell.limits[scope["path"]]
        self._shell = shell
        self._receive = receive
        self._send = send
        self._request_id = request_id
        self._arrived = 0
        self._began = 0.0
        self._whole = False
        self.status = NO_ANSWER

    async def receive(self) -> Message:
        """What comes after the whole body, that the caller has left, may take as long as it likes."""
        if self._whole:
            return await self._receive()
        arrivals = self._shell.arrivals
        self._began = self._began or arrivals.clock()
        message = await arrivals.next_part(self._receive, self._began, self._arrived)
        self._whole = not message.get("more_body", False)
        self._arrived += len(message.get("body", b""))
        self.limit.check(self._arrived)
        return message

    async def send(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.status = message["status"]
                headers = self._shell.headers.completed(message.get("headers", ()))
                headers.append((ID_HEADER, self._request_id.encode()))
                message["headers"] = headers
            case "websocket.accept":
                self.status = OPEN
                message["headers"] = [*message.get("headers", ()), (ID_HEADER, self._request_id.encode())]
                self._shell.metrics.opened()
            case "websocket.close" if self.status == NO_ANSWER:
                self.status = _REFUSED_SOCKET
            case _:
                pass
        await self._send(message)
