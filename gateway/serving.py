"""Runs the server: sockets first, then database and resources, then requests, and all of it back in reverse order."""

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager

import typer
import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from gateway.app import create_app
from gateway.database import database_addresses
from gateway.demo.start import Demo, example_running, prepare_demo
from gateway.graphql.subscriptions.protocol import MOST_BYTES
from gateway.jobs.running import jobs_where_set
from gateway.lifespan import spare_collector
from gateway.listening import listening_sockets
from gateway.logging import configure_logging, write_waiting_lines
from gateway.metrics import MULTIPROCESS_VARIABLE
from gateway.one_write import OneWriteProtocol
from gateway.resources import open_resources
from gateway.settings import Settings, load_settings

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LONGEST_STOP = 10
"""Seconds that requests in progress get after SIGTERM."""
_PING_SECONDS = 20.0
"""Between pings over a WebSocket, and until an answer must be there: shorter than proxies wait for a quiet one."""


async def serve_until_stopped() -> None:
    """Serve as the environment's settings say until SIGTERM or SIGINT.

    Raises SettingsError, ListenError, EmbeddedError or DatabaseError when it can't start.
    """
    settings = load_settings()
    configure_logging(settings.log_level)
    sockets = listening_sockets(settings.host, settings.port)
    stopping = _Stopping()
    try:
        if settings.workers == 1:
            await _serve_here(settings, sockets, stopping)
        else:
            await _serve_with_workers(settings, sockets, stopping)
    except asyncio.CancelledError:
        if not stopping.asked:
            raise
    finally:
        for each in sockets:
            each.close()
        write_waiting_lines()


async def _serve_here(settings: Settings, sockets: list[socket.socket], stopping: "_Stopping") -> None:
    async with open_resources(settings) as gateway:
        demo = await prepare_demo(gateway) if settings.demo else None
        server = _Server(_configured(create_app(settings, gateway)))
        stopping.server = server
        _announce(settings, demo)
        spare_collector()
        async with example_running(demo), jobs_where_set(gateway):
            await server.serve(sockets)


async def _serve_with_workers(settings: Settings, sockets: list[socket.socket], stopping: "_Stopping") -> None:
    """The parent keeps the embedded server, migrates before the first worker starts, and minds them."""
    with tempfile.TemporaryDirectory(prefix="hallpass-metrics-") as folder:
        os.environ[MULTIPROCESS_VARIABLE] = folder
        async with database_addresses(settings):
            async with open_resources(settings) as gateway:
                demo = await prepare_demo(gateway) if settings.demo else None
                _announce(settings, demo)
            config = _configured("gateway.app:served_app", workers=settings.workers)
            async with example_running(demo):
                stopping.hand_over()
                await asyncio.to_thread(Multiprocess(config, sockets).run)


def _configured(app: Starlette | str, workers: int | None = None) -> uvicorn.Config:
    """`app`: built already, or where workers find what builds it; those open their own resources in its lifespan."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        lifespan="on" if isinstance(app, str) else "off",
        http=OneWriteProtocol,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=MOST_BYTES,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_per_message_deflate=False,  # what is compressed beside a secret tells of it, and what is small grows large
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LONGEST_STOP,
    )


def _announce(settings: Settings, demo: Demo | None) -> None:
    """Said before the first request is taken: sockets are open already, so a quick one only waits."""
    for sentence in demo.sentences if demo else ():
        typer.echo(sentence)
    typer.echo(f"Hallpass is at {settings.issuer} (Ctrl-C stops it)")


class _Server(uvicorn.Server):
    """Leaves signals to `_Stopping`: uvicorn's own way ends the process before the database is stopped."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class _Stopping:
    """SIGTERM and SIGINT: they cancel a start, and let a server finish its requests."""

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        self.asked = False
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            self._loop.add_signal_handler(number, self._stop, number)

    def hand_over(self) -> None:
        """Leave the signals to uvicorn's supervisor of workers, which sets handlers of its own."""
        for number in _STOP_SIGNALS:
            self._loop.remove_signal_handler(number)

    def _stop(self, number: signal.Signals) -> None:
        self.asked = True
        if self.server is not None:
            self.server.handle_exit(number, None)
        elif self._task is not None:
            self._task.cancel()
