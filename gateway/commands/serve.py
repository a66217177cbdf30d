"""`hallpass serve`: the gateway in this process, or a parent with several workers."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.context import run

if TYPE_CHECKING:
    import asyncio

_HELP = "Serve until SIGTERM or Ctrl-C; without HALLPASS_DATABASE_URL with an embedded database."


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; localhost if not set.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8000 if not set.", min=1, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that serve; 1 if not set.", min=1, max=64)] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo state and show its sign-ins.")] = False,
) -> None:
    """What stands here goes before the environment and is handed to workers through it."""
    given = {"HOST": host, "PORT": port, "WORKERS": workers, "DEMO": "true" if demo else None}
    os.environ.update({f"HALLPASS_{name}": str(value) for name, value in given.items() if value is not None})
    from gateway.serving import serve_until_stopped

    run(serve_until_stopped(), loop_factory=_fast_loop)


def _fast_loop() -> "asyncio.AbstractEventLoop":
    import uvloop

    return uvloop.new_event_loop()


def register(app: typer.Typer) -> None:
    app.command(help=_HELP)(serve)
