"""Everything that goes on beside requests in a process that serves: each room adds its work here."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.audit.sealing import keep_sealed
from gateway.background import in_background
from gateway.jobs.closings import finish_closings
from gateway.outbox.running import outbox_running
from gateway.signals.working import tell_signals
from gateway.state import Gateway
from gateway.uploads.working import work_on_uploads


@asynccontextmanager
async def jobs_running(gateway: Gateway) -> AsyncGenerator[None]:
    """Until the block ends. Every process runs them; locks and claims in the database share them out."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(outbox_running(gateway))
        for work in (
            finish_closings(gateway),
            keep_sealed(gateway),
            work_on_uploads(gateway),
            tell_signals(gateway),
        ):
            await stack.enter_async_context(in_background(work))
        yield


@asynccontextmanager
async def jobs_where_set(gateway: Gateway) -> AsyncGenerator[None]:
    """For processes that serve: none where the settings leave the jobs to `hallpass work`."""
    if not gateway.settings.jobs:
        yield
        return
    async with jobs_running(gateway):
        yield
