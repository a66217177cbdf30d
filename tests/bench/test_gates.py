"""A target fails the run when most of three runs miss it; the table says so and shows ratios only."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.ceiling import ceiling_note
from bench.gates import failed, missed, until_decided
from bench.markdown import write_table
from bench.options import Options
from bench.rounds import Measured
from bench.trial import Contender, Kind, Sample, Target, Trial

FAST, SLOW = Target("fast", 0.9, "issue"), Target("slow", 3, "issue")
ABSENT = Target("absent", 2, "issue")
OPTIONS = Options(("things",), 1, 1.0, 16, (1_000,), peers=True)
ABOUT = {
    "machine": {
        "processor": "Fast One", "usable_cores": 2, "memory": "8 GB", "system": "Debian", "kernel": "6.1",
        "python": "3.11.7", "load_average_before": (0.1, 0, 0),
    },
    "versions": {"starlette": "1.10.0"},
    "load_ceiling": "The load process alone reaches 9 times that.",
}  # fmt: skip


def run(ours: float, *, fast: float = 100, slow: float = 10) -> Measured:
    """A run of one round, `ours` beside the two others."""

    async def never(_: float) -> Sample:
        raise AssertionError

    values = {"Hallpass": ours, "fast": fast, "slow": slow}
    kinds = {"Hallpass": Kind.OURS, "fast": Kind.LIMIT, "slow": Kind.PEER}
    contenders = [Contender(name, kinds[name], never) for name in values]
    trial = Trial("things", "answers/s", contenders, targets=(FAST, SLOW, ABSENT))
    return Measured(trial, {name: [Sample(value)] for name, value in values.items()})


GOOD, BAD = run(95), run(50)


def test_a_target_is_missed_by_its_median_ratio_and_never_beside_a_contender_that_was_left_out() -> None:
    assert missed(GOOD) == ()
    assert missed(BAD) == (FAST,)
    assert missed(run(20)) == (FAST, SLOW)


def test_a_contender_without_an_answer_meets_nothing() -> None:
    assert missed(run(95, fast=0)) == (FAST,)


@pytest.mark.parametrize(
    ("coming", "measured", "fails"),
    [
        ([GOOD], 1, False),
        ([BAD, BAD], 2, True),
        ([BAD, GOOD, GOOD], 3, False),
        ([BAD, GOOD, BAD], 3, True),
    ],
)
async def test_a_missed_target_is_measured_again_until_most_of_three_runs_agree(
    coming: Sequence[Measured], measured: int, fails: bool
) -> None:
    left: Iterator[Measured] = iter(coming)

    async def once() -> Measured:
        return next(left)

    found = await until_decided(once)
    assert len(found) == measured
    assert failed(found) == ((FAST,) if fails else ())


async def test_with_one_run_a_miss_is_a_failure() -> None:
    async def once() -> Measured:
        return BAD

    found = await until_decided(once, 1)
    assert (len(found), failed(found, 1)) == (1, (FAST,))


def test_the_table_has_ratios_targets_and_verdicts_and_no_figure_of_its_own(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    path = write_table({"things": [[BAD, run(51, fast=100, slow=9)]]}, OPTIONS, ABOUT, now, tmp_path)
    origin, ceiling, empty, *table = path.read_text(encoding="utf-8").splitlines()
    assert path.name == "2026-11-22T06-30-00.md"
    assert origin.startswith(
        "2026-11-22 · Fast One, 2 cores, 8 GB, load before 0.10 · Debian, Linux 6.1 · Python 3.11.7"
    )
    assert (ceiling, empty) == (ABOUT["load_ceiling"], "")
    assert table == [
        "| Hallpass ÷ | median | over the rounds | target | |",
        "|---|---|---|---|---|",
        "| **things** (more is better) | | | | |",
        "| fast | 0.51× | 0.51× – 0.51× | ≥ 0.9 | **missed** |",
        "| slow | 5.67× | 5.67× – 5.67× | ≥ 3 | met |",
    ]


def test_the_load_process_is_compared_with_the_fastest_contender() -> None:
    assert ceiling_note(500, [[GOOD, BAD]]) == (
        "The load process alone reaches 5.0 times the rate of the fastest contender here."
    )
    assert ceiling_note(500, []) == ""
