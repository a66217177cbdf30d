"""Memory at rest: what the serving process holds after its start, beside a bare one with the same pool."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench import bare
from bench.hallpass import NAME, gateway
from bench.servers import Server, running
from bench.trial import Case, Contender, Kind, Sample, Trial
from bench.workshop import Workshop

_MEBIBYTE = 1024
"""In the kilobytes of /proc."""
_QUESTION = b'{"query":"{ viewer { id } }"}'
_REST_SECONDS = 1.0


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state = await workshop.state(0)
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(running(gateway(state.directory), workshop.folder))
        plain = await stack.enter_async_context(running(bare.app("bare_pool", state.url), workshop.folder))
        await asyncio.sleep(_REST_SECONDS)
        contenders = [
            _resident(NAME, Kind.OURS, ours),
            _resident("bare Starlette and asyncpg", Kind.LIMIT, plain),
        ]
        notes = ["Proportional set size of the one process that serves; the database's own processes are not in it."]
        yield [Trial("memory at rest", "MiB", contenders, more_is_better=False, notes=notes)]


def _resident(name: str, kind: Kind, server: Server) -> Contender:
    async def measure(_: float) -> Sample:
        sizes = memory_of(server.pid)
        return Sample(sizes["Pss"] / _MEBIBYTE, details={"rss_mib": sizes["Rss"] / _MEBIBYTE})

    return Contender(name, kind, measure)


def memory_of(pid: int) -> dict[str, int]:
    """`Pss`, `Rss` and the rest of a process's smaps_rollup, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    fields = (line.partition(":") for line in lines)
    return {name: int(text.split()[0]) for name, _, text in fields}


CASE = Case("memory", "Memory at rest", _prepare)
