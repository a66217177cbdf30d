"""A relying party that listens for logout tokens on this machine, and answers as it is told to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass(slots=True)
class ListeningParty:
    """`status`: what it answers; `received`: the head and the form of each request."""

    status: int = 200
    received: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list[tuple[str, dict[str, list[str]]]])
    port: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/backchannel"

    @property
    def tokens(self) -> list[str]:
        return [form["logout_token"][0] for _, form in self.received]

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["ListeningParty"]:
        listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        async with listening:
            self.port = listening.sockets[0].getsockname()[1]
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:"))
        self.received.append((head, parse_qs((await reader.readexactly(length)).decode(), strict_parsing=True)))
        location = "Location: /elsewhere\r\n" if self.status // 100 == 3 else ""
        writer.write(f"HTTP/1.1 {self.status} Answer\r\n{location}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        self.heard.set()
