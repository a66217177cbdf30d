"""The limit of what writes: a route that reads a form and makes one durable transaction of one row, and no more."""

import secrets

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.apps.database import fetched, pool_of, with_pool
from bench.apps.serving import ALIVE, serve

_ROW = "insert into used_proofs (proof, expires_at) values ($1, now()) returning true"


async def write(request: Request) -> Response:
    """One row of 32 bytes and a time, in a transaction of its own."""
    form = await request.form()
    await fetched(pool_of(request), _ROW, secrets.token_bytes(32))
    return Response(b'{"kept":true}' if "grant_type" in form else b"{}", media_type="application/json")


if __name__ == "__main__":
    serve(Starlette(routes=[ALIVE, Route("/write", write, methods=["POST"])], lifespan=with_pool))
