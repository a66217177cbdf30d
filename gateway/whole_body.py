"""Reads a request's body at once."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive


async def whole_body(receive: Receive) -> bytes:
    """All that is sent; the gateway's limit is kept as it arrives. Raises ClientDisconnect.

    Once for each request, and before a connection to the database is taken: whoever sends slowly would hold it. Most
    bodies come in one message, and Starlette's stream of one costs twice as much as the message.
    """
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
