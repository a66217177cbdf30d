"""Builds the application: routes inside, then what guards every request, outermost first."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from gateway.metrics import Metrics
from gateway.problems import handle
from gateway.refusals import RefusedError
from gateway.routes import route_table
from gateway.settings import Settings
from gateway.shell import Shell
from gateway.state import Gateway
from gateway.straight import StraightRoutes

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(settings: Settings, resources: Gateway | None = None, lifespan: Lifespan | None = None) -> Starlette:
    """The application with its `resources`; None: `lifespan` puts them into `app.state.gateway` first."""
    metrics = Metrics()
    app = _Application(settings, metrics, lifespan)
    app.router.redirect_slashes = False  # its redirect would be built from the Host header
    app.state.metrics = metrics
    if resources is not None:
        app.state.gateway = resources
    return app


class _Application(Starlette):
    """Starlette with the gateway's own layers alone.

    Starlette would put one more around them, for errors that nobody expected: the shell answers those itself, and each
    layer costs every request.
    """

    def __init__(self, settings: Settings, metrics: Metrics, lifespan: Lifespan | None) -> None:
        super().__init__(routes=route_table(), lifespan=lifespan)
        self._settings: Final = settings
        self._metrics: Final = metrics

    def build_middleware_stack(self) -> ASGIApp:
        expected = ExceptionMiddleware(self.router, {HTTPException: handle, RefusedError: handle})
        return Shell(StraightRoutes(expected, self.routes), self._settings, self._metrics)


def served_app() -> Starlette:
    """The application of a server process, from the environment: what `hallpass serve` hands to uvicorn."""
    from gateway.lifespan import worker_lifespan
    from gateway.logging import configure_logging
    from gateway.settings import load_settings

    settings = load_settings()
    configure_logging(settings.log_level)
    return create_app(settings, lifespan=worker_lifespan(settings))
