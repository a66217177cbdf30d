"""Cold start: from the start of the process to the first 200 on /readyz, its database not running before."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from bench.hallpass import NAME, gateway
from bench.servers import running
from bench.trial import Case, Contender, Kind, Sample, Trial
from bench.workshop import Workshop

_IMPORTS = "import starlette, strawberry, asyncpg, authlib"


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    command = gateway(workshop.folder / "cold-start")

    async def start(_: float) -> Sample:
        async with running(command, workshop.folder) as server:
            return Sample(server.started_in)

    await start(0)  # makes the data directory: what is measured finds one
    contenders = [
        Contender(NAME, Kind.OURS, start),
        Contender(f"python -c '{_IMPORTS}'", Kind.LIMIT, _importing),
    ]
    yield [Trial("cold start to ready, existing data directory", "s", contenders, more_is_better=False, warm_up=False)]


async def _importing(_: float) -> Sample:
    """How long a Python takes that only imports what any such gateway is made of."""
    return Sample(await asyncio.to_thread(_seconds_of, [sys.executable, "-c", _IMPORTS]))


def _seconds_of(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - started


CASE = Case("cold-start", "Cold start", _prepare)
