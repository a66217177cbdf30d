"""The lowest limit: one statement again and again through asyncpg, without HTTP; `python -m bench.apps.statement`.

A job as JSON on standard input, a load's result on standard output.
"""

import asyncio
import sys
import time
from dataclasses import asdict, dataclass

import orjson
import uvloop

from bench.load.histogram import Histogram
from bench.load.job import LoadResult
from store.database import open_pool


@dataclass(frozen=True, slots=True)
class StatementJob:
    """`parameters` as JSON has them. `least_rows`: fewer are an error."""

    url: str
    text: str
    parameters: tuple[str | int | list[str] | list[None] | None, ...]
    connections: int
    seconds: float
    least_rows: int = 1

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


async def run(job: StatementJob) -> LoadResult:
    """As many statements as `connections` can run in `seconds`, each of them one after the other."""
    pool = await open_pool(job.url, minimum=job.connections, maximum=job.connections, application="bench")
    latencies = Histogram()
    errors = 0
    started, computed = time.perf_counter(), time.process_time()

    async def repeat() -> None:
        nonlocal errors
        async with pool.acquire() as connection:
            while (sent := time.perf_counter()) - started < job.seconds:
                rows = await connection.fetch(job.text, *job.parameters)
                if len(rows) < job.least_rows:
                    errors += 1
                else:
                    latencies.record(int((time.perf_counter() - sent) * 1e6))

    await asyncio.gather(*(repeat() for _ in range(job.connections)))
    seconds = time.perf_counter() - started
    busy = (time.process_time() - computed) / seconds
    await pool.close()
    return LoadResult(latencies.total, errors, seconds, busy, latencies, "too few rows" if errors else None)


def main() -> None:
    """One job; the process ends with it."""
    members = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(uvloop.run(run(StatementJob(**members))).to_json())


if __name__ == "__main__":
    main()
