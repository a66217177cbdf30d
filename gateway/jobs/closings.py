"""Brings closings of school years to their end: also those that another process began, or was killed in."""

import asyncio
from typing import Final

from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.state import Gateway
from store.year_closing import finish_closing, unfinished

_LOOK_SECONDS: Final = 5.0
_log = logger("hallpass.jobs")


async def finish_closings(gateway: Gateway) -> None:
    """Look for unfinished closings until cancelled. Several workers take turns at the batches of one."""
    while True:
        try:
            await finish_what_is_begun(gateway)
        except CONNECTION_ERRORS as error:
            _log.warning("the closing of a school year waits", reason=type(error).__name__)
        await asyncio.sleep(_LOOK_SECONDS)


async def finish_what_is_begun(gateway: Gateway) -> None:
    """Every closing that isn't done, oldest first."""
    async with gateway.pool.acquire() as connection:
        begun = await unfinished(connection)
    for program, year in begun:
        await finish_closing(gateway.pool, program, year, gateway.now)
