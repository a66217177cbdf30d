"""Rounds alternate, ratios are taken inside a round, and what is printed and kept follows from them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from bench.options import Options, read_options
from bench.ratios import Ratio, ratio_of
from bench.report import figure, print_trial, ratio_text
from bench.results import write_results
from bench.rounds import Measured, measure
from bench.trial import Contender, Kind, Sample, Target, Trial

OPTIONS = Options((), 3, 1.0, 4, (200,), peers=False)


def scripted(name: str, kind: Kind, values: list[float], log: list[str], errors: int = 0) -> Contender:
    """Gives `values` in turn, the first one as warm-up."""
    coming: Iterator[float] = iter(values)

    async def sample(_: float) -> Sample:
        log.append(name)
        return Sample(next(coming), errors, "status 500" if errors else None)

    return Contender(name, kind, sample)


async def measured(*, errors: int = 0, targets: tuple[Target, ...] = ()) -> tuple[Measured, list[str]]:
    log: list[str] = []
    ours = scripted("Hallpass", Kind.OURS, [9, 10, 20, 60], log)
    peer = scripted("peer", Kind.PEER, [9, 20, 20, 20], log, errors)
    limit = scripted("limit", Kind.LIMIT, [9, 100, 100, 100], log)
    trial = Trial("things", "answers/s", (ours, peer, limit), targets=targets, notes=("A note.",))
    return await measure(trial, 3, 1.0, lambda _: None), log


async def test_rounds_go_forwards_and_backwards_after_a_warm_up() -> None:
    _, log = await measured()
    forwards = ["Hallpass", "peer", "limit"]
    assert log == [*forwards, *forwards, *reversed(forwards), *forwards]


async def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    found, _ = await measured()
    _, peer, limit = found.trial.contenders
    assert found.ratio(peer) == Ratio(1.0, 0.5, 3.0)
    assert found.ratio(limit) == Ratio(0.2, 0.1, 0.6)
    assert found.median(found.trial.ours) == 20


def test_rounds_without_an_answer_of_the_other_give_no_ratio() -> None:
    assert ratio_of([1, 2], [0, 4]) == Ratio(0.5, 0.5, 0.5)
    assert ratio_of([1, 2], [0, 0]) is None
    with pytest.raises(ValueError, match="zip"):
        ratio_of([1], [1, 2])


@pytest.mark.parametrize(("ratio", "at_most", "met"), [(2.0, False, True), (1.9, False, False), (1.9, True, True)])
def test_a_target_is_met_at_least_or_at_most(ratio: float, at_most: bool, met: bool) -> None:
    assert Target("peer", 2.0, "issue", at_most=at_most).is_met(ratio) is met


async def test_the_table_shows_ratios_errors_targets_and_notes() -> None:
    found, _ = await measured(errors=2, targets=(Target("peer", 2.0, "the issue"),))
    output = StringIO()
    print_trial(Console(file=output, width=150), found)
    text = output.getvalue()
    assert "0.5× – 3×" in text
    assert "≥ 2 (the issue) missed" in text
    assert "peer: status 500" in text
    assert "A note." in text
    assert [one.name for one in found.wrong()] == ["peer"]


def test_figures_have_three_digits_that_count() -> None:
    assert [ratio_text(each) for each in (0.0, 0.01234, 0.1, 1.0, 12.34, 123.4)] == [
        "0×",
        "1/81",
        "0.1×",
        "1×",
        "12.3×",
        "123×",
    ]
    assert [figure(each) for each in (0.1234, 12.34, 1234.5)] == ["0.123", "12.3", "1,234"]


async def test_raw_results_hold_every_sample(tmp_path: Path) -> None:
    found, _ = await measured()
    now = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    path = write_results({"things": [[found]]}, OPTIONS, {"versions": {"x": "1"}}, now, tmp_path / "results")
    document = orjson.loads(path.read_bytes())
    (trial,) = document["cases"]["things"]
    assert path.name == "2026-11-22T06-30-00.json"
    assert (document["at"], document["versions"], document["options"]["rounds"]) == (now.isoformat(), {"x": "1"}, 3)
    assert [sample["value"] for sample in trial["contenders"][0]["samples"]] == [10, 20, 60]
    assert trial["contenders"][1]["ratio_of_ours"] == {"median": 1.0, "least": 0.5, "most": 3.0}


def test_options_come_from_arguments_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCH_USERS", raising=False)
    assert read_options([], ["a"]) == Options((), 3, 2.0, 16, (1_000, 20_000), peers=True)
    monkeypatch.setenv("BENCH_USERS", "1_000_000")
    given = read_options(["--case", "a", "--rounds", "5", "--seconds", "0.5", "--no-peers", "--runs", "1"], ["a"])
    assert given == Options(("a",), 5, 0.5, 16, (1_000_000,), peers=False, runs=1)


@pytest.mark.parametrize(
    "wrong", [["--case", "b"], ["--rounds", "0"], ["--seconds", "0"], ["--users", "2000000"], ["--runs", "0"]]
)
def test_wrong_options_are_a_matter_of_usage(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(wrong, ["a"])
    assert ended.value.code == 2
