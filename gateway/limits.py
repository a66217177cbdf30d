"""The largest request body that is read, by content length and by what really arrives."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.refusals import Kind, RefusedError


class BodyLimit:
    """Refuses a body over `limit` bytes."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app: Final = app
        self._limit: Final = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _content_length(scope) > self._limit:
            raise self._too_large()
        arrived = 0

        async def receive_with_limit() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._limit:
                raise self._too_large()
            return message

        await self._app(scope, receive_with_limit, send)

    def _too_large(self) -> RefusedError:
        return RefusedError(Kind.TOO_LARGE, f"The request is larger than {self._limit:,} bytes. Send less at once.")


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
