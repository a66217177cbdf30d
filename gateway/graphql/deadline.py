"""The time that one request may take: what runs longer is canceled, in the database as well."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.refusals import Kind, RefusedError


@asynccontextmanager
async def deadline(seconds: float) -> AsyncGenerator[None]:
    """Cancels what is inside after that many seconds; the driver then cancels the running statement at the server.

    Raises RefusedError (DEADLINE).
    """
    running = asyncio.timeout(seconds)
    try:
        async with running:
            yield
    except TimeoutError as error:
        if not running.expired():
            raise
        text = (
            f"The request took longer than {seconds:g} s and was stopped. "
            "Ask for less at once; after a mutation, see first whether the change was made."
        )
        raise RefusedError(Kind.DEADLINE, text) from error
