"""A contender that is a server: its samples are right answers per second, taken by the load process."""

import asyncio
import sys
from collections.abc import Callable

from bench.errors import BenchError
from bench.load.job import Job, LoadResult
from bench.servers import ROOT
from bench.trial import Contender, Kind, Sample

UNIT = "answers/s"
_GRACE_SECONDS = 30.0


def http_contender(name: str, kind: Kind, job: Callable[[float], Job]) -> Contender:
    """`job` makes the load of so many seconds."""

    async def measure(seconds: float) -> Sample:
        return sample_of(await loaded(job(seconds)))

    return Contender(name, kind, measure)


async def loaded(job: Job) -> LoadResult:
    """Run the job in a load process of its own. Raises BenchError when that process fails."""
    return LoadResult.from_json(
        await output_of(sys.executable, "-m", "bench.load", given=job.to_json(), seconds=job.seconds)
    )


async def output_of(*command: str, given: bytes, seconds: float) -> bytes:
    """The standard output of a process that gets `given` and is allowed `seconds` and a grace to answer."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds + _GRACE_SECONDS):
            output, errors = await process.communicate(given)
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise BenchError(f"{' '.join(command)} ended with code {process.returncode}: {errors.decode()[-2000:]}")
    return output


def sample_of(result: LoadResult) -> Sample:
    details = {f"p{share}_us": float(result.latencies.percentile(share / 100)) for share in (50, 90, 99)}
    details |= {"answers": result.answers, "seconds": result.seconds, "load_process_busy": result.busy}
    return Sample(result.per_second, result.errors, result.first_error, details)
