"""What every endpoint of the decision API does alike: JSON in, JSON out, straight on the server's protocol."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.decisions.reading import Json, read_body


class Endpoint:
    """An endpoint from a function of the request and its body. What it raises is answered by `gateway.problems`.

    An ASGI application itself: the wrappers of a plain function cost a tenth of a whole evaluation.
    """

    def __init__(self, answer: Callable[[Request, Json], Awaitable[bytes]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await self._answer(request, await read_body(request))
        headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
