"""A contender that is the statement alone, run through asyncpg by a process of its own."""

import sys
from dataclasses import replace

from bench.apps.statement import StatementJob
from bench.http_contender import output_of, sample_of
from bench.load.job import LoadResult
from bench.trial import Contender, Kind, Sample

NAME = "the statement alone, asyncpg"


def statement_contender(job: StatementJob) -> Contender:
    """`job.seconds` gives way to what each sample may last."""

    async def measure(seconds: float) -> Sample:
        given = replace(job, seconds=seconds).to_json()
        output = await output_of(sys.executable, "-m", "bench.apps.statement", given=given, seconds=seconds)
        return sample_of(LoadResult.from_json(output))

    return Contender(NAME, Kind.LIMIT, measure)
