"""Each case runs to its end and finds right answers only; how fast is not for tests to say."""

import sys

import pytest

from bench.cases import CASES
from bench.npm import is_installed
from bench.oidc_provider import PACKAGE
from bench.options import Options
from bench.rounds import Measured, measure
from bench.servers import ServerCommand, ServerError, running
from bench.trial import Case
from bench.workshop import Workshop, open_workshop


@pytest.mark.slow
async def test_a_short_run_of_each_case_finds_right_answers() -> None:
    options = Options((), 1, 0.1, 2, (200,), peers=is_installed(PACKAGE))
    async with open_workshop(options) as workshop:
        found = {case.name: await short_run(case, workshop) for case in CASES}
    wrong = [(one.name, each.first_error(one)) for trials in found.values() for each in trials for one in each.wrong()]
    nothing = [
        one.name
        for trials in found.values()
        for each in trials
        for one in each.trial.contenders
        if not each.median(one)
    ]
    assert [name for name, trials in found.items() if not trials] == []
    assert (wrong, nothing) == ([], [])


async def short_run(case: Case, workshop: Workshop) -> list[Measured]:
    """One round of each of the case's trials."""
    async with case.prepare(workshop) as trials:
        return [await measure(trial, 1, workshop.options.seconds, lambda _: None) for trial in trials]


async def test_a_server_that_ends_is_an_error_with_its_last_words() -> None:
    options = Options((), 1, 0.1, 2, (200,), peers=False)
    command = ServerCommand("broken", [sys.executable, "-c", "raise SystemExit('no such thing')"])
    async with open_workshop(options) as workshop:
        with pytest.raises(ServerError, match="broken ended with code 1: no such thing"):
            async with running(command, workshop.folder):
                pass
