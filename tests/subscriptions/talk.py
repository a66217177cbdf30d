"""A conversation over one socket, message by message, as tests hold it."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

FOLLOW = """subscription ($system: String!, $after: AccessVersion) {
    accessChanged(system: $system, after: $after) { accessVersion user everybody gap } }"""
_SECONDS = 20


class Talk:
    """One client's side."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, type_: str, id_: str | None = None, payload: Any = None) -> None:
        message = {"type": type_, "id": id_, "payload": payload}
        await self.socket.send(json.dumps({name: value for name, value in message.items() if value is not None}))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(_SECONDS):
            return json.loads(await self.socket.recv())

    async def init(self, **payload: Any) -> None:
        """Connect and be acknowledged."""
        await self.say("connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def follow(self, system: str, after: str | None = None, id_: str = "1") -> str:
        """Follow a system from now on, or after a version; the version up to which everything was told then."""
        await self.ask(FOLLOW, id_, system=system, after=after)
        if after is not None:
            return after
        event = await self.event(id_)
        assert (event["user"], event["everybody"], event["gap"]) == (None, False, False)
        return event["accessVersion"]

    async def ask(self, document: str, id_: str = "1", **variables: Any) -> None:
        await self.say("subscribe", id_, {"query": document, "variables": variables})

    async def event(self, id_: str = "1") -> dict[str, Any]:
        """What the subscription tells next."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", id_), message
        return message["payload"]["data"]["accessChanged"]

    async def told(self, id_: str = "1") -> tuple[str | None, bool, bool]:
        """User, everybody, gap."""
        event = await self.event(id_)
        return event["user"], event["everybody"], event["gap"]

    async def error(self, id_: str = "1") -> tuple[str, str]:
        """Code and sentence with which the operation ends."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("error", id_), message
        (error,) = message["payload"]
        return error["extensions"]["code"], error["message"]

    async def closed(self) -> tuple[int, str]:
        """Code and reason with which the other side closes; what it said before is passed over."""
        async with asyncio.timeout(_SECONDS):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed:
                return self.socket.close_code or 0, self.socket.close_reason or ""
