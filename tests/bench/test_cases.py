"""Each case runs to its end and finds right answers only; how fast is not for tests to say."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from bench import oidc_provider, postgraphile
from bench.cases import CASES, user_search, viewer
from bench.npm import is_installed
from bench.options import Options
from bench.rounds import Measured, measure
from bench.servers import ServerCommand, ServerError, running
from bench.trial import Case
from bench.workshop import Workshop, open_workshop

_SHORT = [case for case in CASES if case is not user_search.CASE]
"""User search compares two sizes, each with many namesakes."""
PEERS = is_installed(oidc_provider.PACKAGE) and is_installed(postgraphile.PACKAGE)


@pytest.fixture(autouse=True, scope="module")
def states() -> Iterator[None]:
    """Loaded states are kept for this file, not beyond it."""
    folder = Path(mkdtemp(prefix="hallpass-bench-states-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_STATES", str(folder))
        yield
    rmtree(folder)


@pytest.fixture(scope="module")
async def workshop(states: None) -> AsyncIterator[Workshop]:
    """One for all cases, as in a run of the bench."""
    async with open_workshop(Options((), 1, 0.1, 2, (1_000,), peers=PEERS)) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("case", _SHORT, ids=lambda case: case.name)
async def test_a_short_run_of_each_case_finds_right_answers(case: Case, workshop: Workshop) -> None:
    trials = await short_run(case, workshop)
    assert [(each.first_error(one)) for each in trials for one in each.wrong()] == []
    assert [one.name for each in trials for one in each.trial.contenders if not each.median(one)] == []
    assert trials != []


@pytest.mark.slow
async def test_a_state_that_grows_is_measured_beside_the_smaller_one() -> None:
    options = Options((), 1, 0.1, 2, (1_200, 1_000), peers=False)
    async with open_workshop(options) as workshop:
        found = await short_run(viewer.CASE, workshop)
    assert [[one.name for one in each.trial.contenders][:2] for each in found][-1] == [
        "Hallpass at 1,200 users",
        "Hallpass at 1,000 users",
    ]
    assert [each.wrong() for each in found] == [[], [], []]


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
