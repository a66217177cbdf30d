"""Files of people: a TOMS file validated and applied beside a bare COPY of the same rows into the same tables."""

import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from bench.apps.upload import UploadDone, UploadJob
from bench.hallpass import NAME
from bench.http_contender import output_of
from bench.rollover_state import Rollovers, rollovers
from bench.trial import Case, Contender, Kind, Sample, Target, Trial
from bench.workshop import Workshop

_PEOPLE = 20_000
"""In the state beforehand, at 200 schools."""
_LEAS = 20
_BARE = "COPY of the same rows"
_MOST_MIB = 300
_SECONDS = 3_600.0
_SMALL, _USUAL, _LARGE = 1_000, 100_000, 1_000_000
_MICRO = 1e6
_KIBIBYTES = 1024


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    """A short run (1,000 users) sends a small file, a full one (1,000,000 users) the largest that is taken."""
    size = max(workshop.options.sizes)
    rows = _SMALL if size <= _SMALL else _USUAL
    async with rollovers(workshop.folder / "uploads", _PEOPLE) as states:
        beside = [_timed(NAME, states, rows), _timed(_BARE, states, rows, bare=True)]
        trials = [
            Trial(
                f"a TOMS file of {rows:,} rows, validated and applied", "s", beside, more_is_better=False,
                warm_up=False,
                targets=[Target(_BARE, 4, "issue 4", at_most=True)] if rows == _USUAL else [],
                notes=[
                    f"Hallpass's process may use {_MOST_MIB} MiB: more is an error; the raw results hold its peak.",
                    "The file has come in before, and mails are queued afterwards.",
                ],
            )
        ]  # fmt: skip
        if rows == _USUAL:
            large = _LARGE if size >= _LARGE else _USUAL
            trials.append(_growth(states, large))
        yield trials


def _growth(states: Rollovers, large: int) -> Trial:
    small = large // 10
    return Trial(
        f"time of one row in a file of {large:,}, beside one of {small:,}", "µs",
        [
            _timed(f"{NAME}, {large:,} rows", states, large, each=True),
            _timed(f"{NAME}, {small:,} rows", states, small, each=True, kind=Kind.LIMIT),
        ],
        more_is_better=False, warm_up=False,
        targets=[Target(f"{NAME}, {small:,} rows", 1.5, "issue 4: linear", at_most=True)],
    )  # fmt: skip


def _timed(
    name: str, states: Rollovers, rows: int, *, bare: bool = False, each: bool = False, kind: Kind | None = None
) -> Contender:
    """Seconds of the whole file or, `each`, microseconds of a row; always into a fresh copy of the state."""

    async def measure(_: float) -> Sample:
        async with states.copy() as url:
            job = UploadJob(url, rows, _LEAS, bare)
            given = job.to_json()
            text = await output_of(sys.executable, "-m", "bench.apps.upload", given=given, seconds=_SECONDS)
        return _sample(UploadDone.from_json(text), rows, bare=bare, each=each)

    return Contender(name, kind or (Kind.LIMIT if bare else Kind.OURS), measure)


def _sample(done: UploadDone, rows: int, *, bare: bool, each: bool) -> Sample:
    peak = done.peak / _KIBIBYTES
    value = done.seconds / rows * _MICRO if each else done.seconds
    details = {"validating_s": done.validating, "peak_mib": peak, "rows": float(rows)}
    if done.missing:
        return Sample(value, done.missing, "not every row of the file became a role", details)
    if peak > _MOST_MIB and not bare:
        return Sample(value, 1, f"the process used {peak:.0f} MiB", details)
    return Sample(value, details=details)


CASE = Case("uploads", "Files of people", _prepare)
