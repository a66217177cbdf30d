"""One kept HTTP/1.1 connection: sends the same request when it is told to, and judges the answer."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol, cast

import httptools
import orjson

from bench.load.job import PLACE


class Run(Protocol):
    """What a connection works for: says when to send, and counts the answers."""

    def ready(self, connection: "CallingConnection") -> None:
        """The connection is there, or its answer is: it may send, wait or be closed."""
        ...

    def answered(self, status: int, size: int, nanoseconds: int) -> None: ...

    def unanswered(self, why: str) -> None:
        """A request was sent and will not be answered."""
        ...

    def closed(self, connection: "CallingConnection") -> None: ...


@dataclass(frozen=True, slots=True)
class Renewal:
    """The member of each answer that stands in the next request, and what stands there at first."""

    member: str
    first: str


class CallingConnection(asyncio.Protocol):
    """Speaks raw bytes; nothing is built per request, so that one process can load a server fully.

    With a `renewal` the request is put together anew each time: the server has as much more to do.
    """

    def __init__(self, request: bytes, run: Run, renewal: "Renewal | None" = None) -> None:
        self._template = request
        self._request = request if renewal is None else request.replace(PLACE, renewal.first.encode())
        self._renewal = renewal
        self._body = bytearray()
        self._run = run
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._size = 0
        self._counts_from = 0
        self._waiting = False

    def send(self, counts_from: int) -> None:
        """`counts_from`: what the answer's time is counted from, in nanoseconds of perf_counter."""
        if self._transport is not None:
            self._size = 0
            self._waiting = True
            self._counts_from = counts_from
            self._transport.write(self._request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._run.ready(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")
            self.close()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._renewal is not None:
            self._body += body

    def on_message_complete(self) -> None:
        self._waiting = False
        status = self._parser.get_status_code()
        if self._renewal is not None and status == 200:
            self._request = self._template.replace(PLACE, orjson.loads(self._body)[self._renewal.member].encode())
            self._body.clear()
        self._run.answered(status, self._size, time.perf_counter_ns() - self._counts_from)
        if self._parser.should_keep_alive():
            self._run.ready(self)
        else:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed in place of an answer")
        self._transport = None
        self._run.closed(self)

    def _fail(self, why: str) -> None:
        if self._waiting:
            self._waiting = False
            self._run.unanswered(why)
