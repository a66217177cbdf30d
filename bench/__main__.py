"""`python -m bench`, which is what `make bench` runs: measures the cases, prints ratios, keeps the raw results."""

import asyncio
import sys
from datetime import UTC, datetime

from rich.console import Console

from bench.cases import CASES
from bench.machine import machine, versions
from bench.options import Options, read_options
from bench.report import print_trial
from bench.results import write_results
from bench.rounds import Measured, measure
from bench.trial import Case
from bench.workshop import Workshop, open_workshop


def main() -> int:
    """0: every answer was right; 1: not every one."""
    options = read_options(sys.argv[1:], [case.name for case in CASES])
    console = Console(width=None if sys.stdout.isatty() else 140)
    about = {"machine": machine(), "versions": versions()}
    measured = asyncio.run(_measure_all(options, console))
    path = write_results(measured, options, about, datetime.now(UTC))
    console.print(f"Raw results: {path}")
    wrong = [contender.name for each in measured.values() for one in each for contender in one.wrong()]
    if wrong:
        console.print(f"Not every answer was right: {', '.join(wrong)}.", style="red")
    return 1 if wrong else 0


async def _measure_all(options: Options, console: Console) -> dict[str, list[Measured]]:
    cases = [case for case in CASES if not options.cases or case.name in options.cases]
    async with open_workshop(options) as workshop:
        return {case.name: await _measure(case, workshop, console) for case in cases}


async def _measure(case: Case, workshop: Workshop, console: Console) -> list[Measured]:
    options, found = workshop.options, list[Measured]()
    with console.status(f"{case.title}: preparing") as status:
        async with case.prepare(workshop) as trials:
            for trial in trials:
                found.append(await measure(trial, options.rounds, options.seconds, status.update))
                print_trial(console, found[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
