"""How fast the load process itself can be: beside what it measures, this says whether it is the limit."""

from collections.abc import Iterable
from pathlib import Path

from bench import bare
from bench.gates import Runs
from bench.http import request_bytes
from bench.http_contender import UNIT, loaded
from bench.load.job import Job
from bench.options import Options
from bench.servers import running


async def load_ceiling(options: Options, logs: Path) -> float:
    """Answers per second of a server that answers fixed bytes and does nothing else."""
    async with running(bare.app("trivial"), logs) as server:
        request = request_bytes("POST", "/", server.port, b"{}", {"Content-Type": "application/json"})
        return (await loaded(Job(server.port, request, options.connections, options.seconds))).per_second


def ceiling_note(ceiling: float, trials: Iterable[Runs]) -> str:
    """The ceiling as a multiple of the fastest contender of a run; empty where no rate was measured."""
    rates = [
        measured.median(contender)
        for runs in trials
        for measured in runs
        if measured.trial.unit == UNIT
        for contender in measured.trial.contenders
    ]
    if not rates or not max(rates):
        return ""
    return f"The load process alone reaches {ceiling / max(rates):.1f} times the rate of the fastest contender here."
