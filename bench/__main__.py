"""`python -m bench`, which is what `make bench` runs: measures the cases, prints ratios, keeps the raw results."""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from bench.cases import CASES
from bench.errors import BenchError
from bench.machine import machine, versions
from bench.options import Options, read_options
from bench.report import print_trial
from bench.results import write_results
from bench.rounds import Measured, measure
from bench.servers import ROOT
from bench.trial import Case
from bench.workshop import Workshop, open_workshop
from store.embedded import EmbeddedError

_WIDTH = 150
"""Characters per line where nobody looks."""


def main() -> int:
    """0: every case was measured and every answer was right; 1: not so."""
    options = read_options(sys.argv[1:], [case.name for case in CASES])
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    about = {"machine": machine(), "versions": versions()}
    run = asyncio.run(_run(options, console))
    path = write_results(run.measured, options, about, datetime.now(UTC))
    console.print(f"Raw results: {path.relative_to(ROOT)}")
    for problem in run.problems:
        console.print(Text(problem, style="red"))
    return 1 if run.problems else 0


@dataclass(slots=True)
class _Run:
    measured: dict[str, list[Measured]] = field(default_factory=dict[str, list[Measured]])
    problems: list[str] = field(default_factory=list[str])


async def _run(options: Options, console: Console) -> _Run:
    run = _Run()
    async with open_workshop(options) as workshop:
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
                measured = await measure(trial, options.rounds, options.seconds, status.update)
                run.measured[case.name].append(measured)
                run.problems += [f"{trial.title}: {one.name} gave wrong answers." for one in measured.wrong()]
                print_trial(console, measured)


if __name__ == "__main__":
    sys.exit(main())
