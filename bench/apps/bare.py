"""The first limit: a bare Starlette route that answers a small JSON document and asks nobody."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.apps.serving import serve

_ANSWER = b'{"data":{"viewer":{"id":"018f2f0e-7c1d-7e6a-9d0e-0d9f3a1c5b7e"}}}'


async def answer(_: Request) -> Response:
    return Response(_ANSWER, media_type="application/json")


if __name__ == "__main__":
    serve(Starlette(routes=[Route("/", answer, methods=["GET", "POST"])]))
