"""The limit of signing in: passwords are checked and nothing else; `python -m bench.apps.hashing`.

A job as JSON on standard input, a load's result on standard output.
"""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import orjson
import uvloop

from bench.load.histogram import Histogram
from bench.load.job import LoadResult
from gateway.signin.passwords import check_password


@dataclass(frozen=True, slots=True)
class HashingJob:
    """`threads` as many as the gateway has, and `waiting` checks asked for at the same time."""

    password: str
    kept: str
    threads: int
    waiting: int
    seconds: float

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


async def run(job: HashingJob) -> LoadResult:
    latencies, errors = Histogram(), 0
    started, computed = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(job.threads) as executor:

        async def repeat() -> None:
            nonlocal errors
            while (asked := time.perf_counter()) - started < job.seconds:
                verdict = await check_password(executor, job.password, job.kept)
                errors += not verdict.right
                latencies.record(int((time.perf_counter() - asked) * 1e6))

        await asyncio.gather(*(repeat() for _ in range(job.waiting)))
    seconds = time.perf_counter() - started
    busy = (time.process_time() - computed) / seconds
    return LoadResult(latencies.total, errors, seconds, busy, latencies, "a wrong password" if errors else None)


def main() -> None:
    """One job; the process ends with it."""
    sys.stdout.buffer.write(uvloop.run(run(HashingJob(**orjson.loads(sys.stdin.buffer.read())))).to_json())


if __name__ == "__main__":
    main()
