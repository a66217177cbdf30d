"""Builds the application: routes inside, then what guards every request, outermost first."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

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
    metrics, routes = Metrics(), route_table()
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Shell, settings, metrics),
            Middleware(StraightRoutes, routes),
        ],
        exception_handlers={HTTPException: handle, RefusedError: handle},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # its redirect would be built from the Host header
    app.state.metrics = metrics
    if resources is not None:
        app.state.gateway = resources
    return app


def served_app() -> Starlette:
    """The application of a server process, from the environment: what `hallpass serve` hands to uvicorn."""
    from gateway.lifespan import worker_lifespan
    from gateway.logging import configure_logging
    from gateway.settings import load_settings

    settings = load_settings()
    configure_logging(settings.log_level)
    return create_app(settings, lifespan=worker_lifespan(settings))
