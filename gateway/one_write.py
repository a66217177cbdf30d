"""Answers leave in one write: uvicorn writes a head and a body apart, and each is a call to the system."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_GATHERED: Final = 65_536
"""Bytes; as much as a transport takes before it asks for a pause."""


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol on a transport that gathers what is written."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(GatheringTransport(transport))


class GatheringTransport(asyncio.Transport):
    """Hands on what was written in one turn of the event loop together; everything else at once.

    A head waits for its body, which follows in the same turn. Much of it waits for nothing: who sends faster than the
    other side reads has to be told by the transport.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport: Final = transport
        self._loop: Final = asyncio.get_running_loop()
        self._gathered: Final[list[bytes]] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._gathered.append(bytes(data))
        self._size += len(data)
        if self._size > _MOST_GATHERED:
            self._hand_on()
        elif len(self._gathered) == 1:
            self._loop.call_soon(self._hand_on)

    def close(self) -> None:
        self._hand_on()
        self._transport.close()

    def abort(self) -> None:
        self._forget()
        self._transport.abort()

    def write_eof(self) -> None:
        self._hand_on()
        self._transport.write_eof()

    def _hand_on(self) -> None:
        if self._gathered and not self._transport.is_closing():
            self._transport.write(self._gathered[0] if len(self._gathered) == 1 else b"".join(self._gathered))
        self._forget()

    def _forget(self) -> None:
        self._gathered.clear()
        self._size = 0

    def can_write_eof(self) -> bool:
        return self._transport.can_write_eof()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size() + self._size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._transport.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._transport.get_protocol()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)
