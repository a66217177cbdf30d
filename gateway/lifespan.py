"""A worker process from start to end: its resources, what is ready before the first request, and its figures."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from gateway.app import Lifespan
from gateway.background import in_background
from gateway.graphql.service import service_in
from gateway.jobs.running import jobs_where_set
from gateway.metrics import Metrics
from gateway.resources import open_resources
from gateway.settings import Settings
from gateway.state import Gateway

_REFRESH_SECONDS = 5.0
_COLLECTED_AFTER = 50_000
"""New objects that the youngest are looked through after."""


def worker_lifespan(settings: Settings) -> Lifespan:
    """The ASGI lifespan of a worker process: its own resources, and figures that other workers can read."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with open_resources(settings) as gateway:
            app.state.gateway = gateway
            service_in(app, gateway)  # not at the first request, which has a deadline
            metrics: Metrics = app.state.metrics
            spare_collector()
            async with in_background(_keep_fresh(metrics, gateway)), jobs_where_set(gateway):
                yield

    return lifespan


def spare_collector() -> None:
    """What was loaded at the start stays, so it is never looked through again; answers are freed without a collector.

    A full collection over code, schema and packs would hold the event loop for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 20, 50)


async def _keep_fresh(metrics: Metrics, gateway: Gateway) -> None:
    """Another worker may be the one that is asked for figures."""
    while True:
        metrics.refresh(gateway.pool)
        metrics.decisions_logged(gateway.decision_log.written, gateway.decision_log.dropped)
        metrics.signaled(gateway.signals)
        await asyncio.sleep(_REFRESH_SECONDS)
