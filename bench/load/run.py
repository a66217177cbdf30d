"""Chooses how a job is run: as fast as the server answers, or at a rate."""

from bench.load.job import Job, LoadResult
from bench.load.paced import PacedRun
from bench.load.steady import Run


async def run(job: Job) -> LoadResult:
    """Load a server of this machine as the job says. Raises OSError when nothing listens on the port."""
    return await (Run(job) if job.rate is None else PacedRun(job, job.rate)).result()
