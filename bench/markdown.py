"""The table for docs/benchmarks.md: machine, date, versions and ratios of a run, never a lonely absolute figure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.gates import Runs, failed
from bench.options import Options
from bench.report import ratio_text, spread
from bench.results import FOLDER
from bench.trial import Contender, Kind

_HEAD = ("| Hallpass ÷ | median | over the rounds | target | |", "|---|---|---|---|---|")


def write_table(
    trials: Mapping[str, Sequence[Runs]],
    options: Options,
    about: Mapping[str, Any],
    now: datetime,
    folder: Path = FOLDER,
) -> Path:
    """`trials`: by the name of their case, each with its runs, of which the last is shown. Returns the file's path."""
    folder.mkdir(exist_ok=True)
    rows = [row for each in trials.values() for runs in each for row in _rows(runs, options.runs)]
    path = folder / f"{now:%Y-%m-%dT%H-%M-%S}.md"
    path.write_text(
        "\n".join([_origin(options, about, now), about["load_ceiling"], "", *_HEAD, *rows, ""]), encoding="utf-8"
    )
    return path


def _origin(options: Options, about: Mapping[str, Any], now: datetime) -> str:
    machine, versions = about["machine"], about["versions"]
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{now:%Y-%m-%d} · {machine['processor']}, {machine['usable_cores']} cores, {machine['memory']}, load before "
        f"{machine['load_average_before'][0]:.2f} · {machine['system']}, Linux {machine['kernel']} · "
        f"Python {machine['python']}, {packages} · {options.connections} connections, {options.rounds} rounds, "
        f"samples of {options.seconds:g} s, a missed target measured up to {options.runs} times."
    )


def _rows(runs: Runs, most: int) -> Iterable[str]:
    trial = runs[-1].trial
    yield f"| **{trial.title}** ({'more' if trial.more_is_better else 'less'} is better) | | | | |"
    for contender in trial.contenders:
        if contender.kind is not Kind.OURS:
            yield _row(contender, runs, most)


def _row(contender: Contender, runs: Runs, most: int) -> str:
    ratio = runs[-1].ratio(contender)
    cells = ["–", ""] if ratio is None else [ratio_text(ratio.median), spread(ratio)]
    target = next((one for one in runs[-1].trial.targets if one.beside == contender.name), None)
    if target is None:
        cells += ["", ""]
    else:
        cells += [target.bound, "**missed**" if target in failed(runs, most) else "met"]
    return f"| {' | '.join([contender.name, *cells])} |"
