"""Work beside a block: it runs until the block ends, and is gone when the block has ended."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

_ASKED_AGAIN_SECONDS: Final = 1.0


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run `work` until the block ends; what broke it off before is raised then.

    Being cancelled may get lost inside it, where what it awaits fails at that very moment: it is told again.
    """
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait((task,), timeout=_ASKED_AGAIN_SECONDS)
    if not task.cancelled():
        task.result()
