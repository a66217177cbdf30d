"""What a server writes in one turn of the event loop leaves together, whole and in order."""

import asyncio
from typing import Any

import pytest

from gateway.one_write import GatheringTransport


class Written(asyncio.Transport):
    """What reaches the other side, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.ended = ""

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def write_eof(self) -> None:
        self.ended = "eof"

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return self.ended in ("closed", "aborted")

    def get_write_buffer_size(self) -> int:
        return 0


async def test_one_turn_is_one_write() -> None:
    below = Written()
    transport = GatheringTransport(below)
    transport.write(b"head ")
    transport.write(bytearray(b"body"))
    assert (below.writes, transport.get_write_buffer_size()) == ([], 9)
    await asyncio.sleep(0)
    assert (below.writes, transport.get_write_buffer_size()) == ([b"head body"], 0)
    transport.write(b"next")
    await asyncio.sleep(0)
    assert below.writes == [b"head body", b"next"]


@pytest.mark.parametrize(("end", "writes"), [("close", [b"last"]), ("write_eof", [b"last"]), ("abort", [])])
async def test_what_was_written_before_the_end_leaves_before_it(end: str, writes: list[bytes]) -> None:
    below = Written()
    transport = GatheringTransport(below)
    transport.write(b"last")
    getattr(transport, end)()
    assert below.writes == writes
    await asyncio.sleep(0)
    assert below.writes == writes


async def test_nothing_is_written_once_the_other_side_has_gone() -> None:
    below = Written()
    transport = GatheringTransport(below)
    transport.write(b"late")
    below.ended = "closed"
    await asyncio.sleep(0)
    transport.close()
    assert below.writes == []


async def test_much_waits_for_nothing() -> None:
    """Else a stream that is never awaited would grow without end, and its reader would never be waited for."""
    below = Written()
    transport = GatheringTransport(below)
    for _ in range(10):
        transport.write(b"x" * 20_000)
    assert sum(map(len, below.writes)) >= 140_000
    await asyncio.sleep(0)
    assert sum(map(len, below.writes)) == 200_000
