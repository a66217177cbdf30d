"""A process that uses the embedded server of a directory until its standard input ends; it prints its address first."""

import asyncio
import sys
from pathlib import Path

from store.embedded import start


async def hold(directory: Path) -> None:
    server = await start(directory, durable=False)
    print(server.url, flush=True)  # noqa: T201  (the test reads it)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


asyncio.run(hold(Path(sys.argv[1])))
