"""`python -m bench`, which is what `make bench` runs: measures the cases, prints ratios, keeps the raw results."""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from bench.cases import CASES
from bench.ceiling import ceiling_note, load_ceiling
from bench.errors import BenchError
from bench.gates import Runs, failed, until_decided
from bench.machine import machine, versions
from bench.markdown import write_table
from bench.options import Options, read_options
from bench.report import print_trial
from bench.results import write_results
from bench.rounds import Measured, measure
from bench.servers import ROOT
from bench.trial import Case, Trial
from bench.workshop import Workshop, open_workshop
from store.embedded import EmbeddedError

_WIDTH = 150
"""Characters per line where nobody looks."""


def main() -> int:
    """0: every case was measured, every answer was right and no target was missed in most of its runs; 1: not so."""
    options = read_options(sys.argv[1:], [case.name for case in CASES])
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    about: dict[str, Any] = {"machine": machine(), "versions": versions()}
    run = asyncio.run(_run(options, console))
    about["load_ceiling"] = ceiling_note(run.ceiling, (runs for each in run.measured.values() for runs in each))
    now = datetime.now(UTC)
    path = write_results(run.measured, options, about, now)
    table = write_table(run.measured, options, about, now)
    console.print(f"Raw results: {path.relative_to(ROOT)}; the table for docs/benchmarks.md: {table.relative_to(ROOT)}")
    console.print(about["load_ceiling"])
    for problem in run.problems:
        console.print(Text(problem, style="red"))
    return 1 if run.problems else 0


@dataclass(slots=True)
class _Run:
    measured: dict[str, list[Runs]] = field(default_factory=dict[str, list[Runs]])
    problems: list[str] = field(default_factory=list[str])
    ceiling: float = 0.0


async def _run(options: Options, console: Console) -> _Run:
    run = _Run()
    async with open_workshop(options) as workshop:
        run.ceiling = await load_ceiling(options, workshop.folder)
        for case in CASES:
            if not options.cases or case.name in options.cases:
                run.measured[case.name] = []
                try:
                    await _measure(case, workshop, console, run)
                except (BenchError, EmbeddedError, OSError) as error:
                    run.problems.append(f"{case.title} could not be measured to the end: {error}")
    return run


async def _measure(case: Case, workshop: Workshop, console: Console, run: _Run) -> None:
    options = workshop.options
    with console.status(f"{case.title}: preparing") as status:
        async with case.prepare(workshop) as trials:
            for trial in trials:

                async def once(trial: Trial = trial) -> Measured:
                    measured = await measure(trial, options.rounds, options.seconds, status.update)
                    print_trial(console, measured)
                    return measured

                runs = await until_decided(once, options.runs)
                run.measured[case.name].append(runs)
                run.problems += _problems(trial, runs, options.runs)


def _problems(trial: Trial, runs: Runs, most: int) -> list[str]:
    wrong = dict.fromkeys(contender.name for measured in runs for contender in measured.wrong())
    return [
        *(f"{trial.title}: {name} gave wrong answers." for name in wrong),
        *(f"{trial.title}: {target} missed beside {target.beside}." for target in failed(runs, most)),
    ]


if __name__ == "__main__":
    sys.exit(main())
