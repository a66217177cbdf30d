"""Serves an application as Hallpass is served: uvicorn with one process, uvloop, httptools and no access log."""

import asyncio
import os

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PORT_VARIABLE = "BENCH_PORT"
DATABASE_VARIABLE = "BENCH_DATABASE_URL"
"""Where an application that asks the database connects, as the serving role."""
KEYS_VARIABLE = "BENCH_KEYS"
"""The gateway's key set (RFC 7517) as JSON, for an application that asks who calls."""
COOKIE_VARIABLE = "BENCH_COOKIE"
"""The value of the one Cookie header that is good there."""
POOL_SIZE = 10
"""Database connections of one process, as of one of Hallpass by default."""


async def _alive(_: Request) -> Response:
    return Response()


ALIVE = Route("/", _alive, methods=["GET"])
"""What says 200 once the application has started."""


def serve(app: Starlette) -> None:
    """Serve on the port that the environment names until SIGTERM, on this machine's own address only."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=int(os.environ[PORT_VARIABLE]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())
