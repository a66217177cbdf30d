"""Memory at rest: what the serving process holds once it has answered a question, beside a bare one with a pool."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bench import bare
from bench.errors import BenchError
from bench.hallpass import NAME, gateway
from bench.http import answer_to, request_bytes
from bench.servers import Server, running
from bench.trial import Case, Contender, Kind, Sample, Trial
from bench.workshop import Workshop

_KIBIBYTES = 1024
_QUESTION = b'{"query":"{ __typename }"}'
_REST_SECONDS = 1.0


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state = await workshop.smallest_state()
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(running(gateway(state.directory), workshop.folder))
        plain = await stack.enter_async_context(running(bare.app("bare_pool", state.url), workshop.folder))
        await _ask(ours)
        await asyncio.sleep(_REST_SECONDS)
        contenders = [
            _resident(NAME, Kind.OURS, ours),
            _resident("bare Starlette and asyncpg", Kind.LIMIT, plain),
        ]
        note = (
            "Proportional set size of the one process that serves, after its first GraphQL answer, which builds the "
            "schema; the database's processes are not in it."
        )
        yield [Trial("memory at rest", "MiB", contenders, more_is_better=False, warm_up=False, notes=[note])]


async def _ask(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await answer_to(server.port, request_bytes("POST", "/graphql", server.port, _QUESTION, headers))
    if answer.status != 200:
        raise BenchError(f"{server.name} did not answer a question: {answer.status} {answer.body[:500].decode()}")


def _resident(name: str, kind: Kind, server: Server) -> Contender:
    async def measure(_: float) -> Sample:
        sizes = memory_of(server.pid)
        return Sample(sizes["Pss"] / _KIBIBYTES, details={"rss_mib": sizes["Rss"] / _KIBIBYTES})

    return Contender(name, kind, measure)


def memory_of(pid: int) -> dict[str, int]:
    """`Pss`, `Rss` and the rest of a process's smaps_rollup, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    fields = (line.partition(":") for line in lines)
    return {name: int(text.split()[0]) for name, _, text in fields}


CASE = Case("memory", "Memory at rest", _prepare)
