"""`hallpass work`: mail, daily work and whatever else goes on beside requests, in a process that serves none."""

import asyncio
import signal

import typer

from gateway.commands.context import run

_HELP = "Do the work beside requests (mail, uploads, daily jobs) until SIGTERM or Ctrl-C; no requests are served."


def work() -> None:
    """For deployments whose serving processes have HALLPASS_JOBS=false."""
    run(_until_stopped())


async def _until_stopped() -> None:
    from gateway.jobs.running import jobs_running
    from gateway.logging import configure_logging
    from gateway.resources import open_resources
    from gateway.settings import load_settings

    settings = load_settings()
    configure_logging(settings.log_level)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with open_resources(settings) as gateway, jobs_running(gateway):
        typer.echo("Working off the outbox and the daily jobs (Ctrl-C stops it)")
        await stopping.wait()


def register(app: typer.Typer) -> None:
    app.command(help=_HELP)(work)
