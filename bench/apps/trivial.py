"""What the load process is measured against itself: a server that answers fixed bytes as soon as bytes arrive."""

import asyncio
import os
import signal
from typing import cast

import uvloop

from bench.apps.serving import PORT_VARIABLE

_BODY = b'{"data":{"viewer":{"user":{"id":"018f2f0e-7c1d-7e6a-9d0e-0d9f3a1c5b7e"}}}}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY


class _Answering(asyncio.Protocol):
    """Takes each piece that arrives for one request, which holds for requests as small as the bench's."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER)
        if b"\r\nConnection: close\r\n" in data:
            self._transport.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(_Answering, "127.0.0.1", int(os.environ[PORT_VARIABLE]))
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(_serve())
