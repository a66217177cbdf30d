"""One kept HTTP/1.1 connection: sends the same request, judges the answer, sends it again."""

import asyncio
import time
from typing import Protocol, cast

import httptools


class Judge(Protocol):
    """Says whether another request is wanted, and counts the answers."""

    def wants_another(self) -> bool:
        """Asked before each request; True is a promise to send it."""
        ...

    def answered(self, status: int, size: int, nanoseconds: int) -> None: ...

    def unanswered(self, why: str) -> None:
        """A request was sent and will not be answered."""
        ...

    def closed(self, connection: "CallingConnection") -> None: ...


class CallingConnection(asyncio.Protocol):
    """Speaks raw bytes; nothing is built per request, so that one process can load a server fully."""

    def __init__(self, request: bytes, judge: Judge) -> None:
        self._request = request
        self._judge = judge
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._size = 0
        self._sent_at = 0
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send_or_close()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")
            self.close()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)

    def on_message_complete(self) -> None:
        self._waiting = False
        self._judge.answered(self._parser.get_status_code(), self._size, time.perf_counter_ns() - self._sent_at)
        if self._parser.should_keep_alive():
            self._send_or_close()
        else:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed in place of an answer")
        self._judge.closed(self)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _fail(self, why: str) -> None:
        if self._waiting:
            self._waiting = False
            self._judge.unanswered(why)

    def _send_or_close(self) -> None:
        if self._transport is None or not self._judge.wants_another():
            self.close()
            return
        self._size = 0
        self._waiting = True
        self._sent_at = time.perf_counter_ns()
        self._transport.write(self._request)
