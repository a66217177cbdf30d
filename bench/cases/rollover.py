"""Rollover: a school year is closed beside one bare UPDATE of the same assignments, while people sign in."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bench.hallpass import NAME
from bench.rollover_probe import Probe
from bench.rollover_state import Rollovers, rollovers
from bench.trial import Case, Contender, Kind, Sample, Target, Trial
from bench.workshop import Workshop
from policy.ids import ProgramCode, SchoolYear
from policy.school_years import ClosingPhase
from store.access_version import raise_epoch
from store.database import Pool, open_pool
from store.year_closing import ClosedBy, Switch, finish_closing, one_batch, switch_years

_SWITCH = Switch(ProgramCode("caaspp"), SchoolYear("2026-27"), SchoolYear("2027-28"), ())
_UPDATE = "update role_assignments set status = 'expired' where program = 'caaspp' and school_year = '2026-27'"
_ACCOUNTS = """update users u set status = 'inactive', version = version + 1 where not exists (
    select from role_assignments a where a.user_id = u.id and a.school_year = '2027-28')"""
_BARE = "one bare UPDATE of the assignments"
_BOTH = "bare UPDATEs of assignments and accounts"
_MILLI = 1000
_HOURS = 3600

Work = Callable[[Pool], Awaitable[int]]
"""Returns how many assignments it has expired."""


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    size = max(workshop.options.sizes)
    async with rollovers(workshop.folder / "rollover", size) as states:
        expiring = [
            _timed(NAME, Kind.OURS, states, _expire),
            _timed(_BARE, Kind.LIMIT, states, _update(_UPDATE)),
        ]
        closing = [
            _timed(NAME, Kind.OURS, states, _close, probed=True),
            _timed(_BOTH, Kind.LIMIT, states, _update(_UPDATE, _ACCOUNTS), probed=True),
        ]
        yield [
            Trial(
                f"{size:,} assignments of a closed year expire, in batches", "s", expiring, more_is_better=False,
                warm_up=False, targets=[Target(_BARE, 1.5, "issue 4", at_most=True)],
            ),
            Trial(
                f"a year of {size:,} assignments is closed to its end, while a hundred people a second sign in", "s",
                closing, more_is_better=False, warm_up=False, targets=[Target(_BOTH, 1.5, "issue 4", at_most=True)],
                notes=["Half of the accounts become inactive. The raw results hold sign-ins' median, p99 and longest."],
            ),
            Trial(
                f"p99 of signing in meanwhile, {size:,} assignments", "ms", _sign_ins(states), more_is_better=False,
                warm_up=False,
            ),
        ]  # fmt: skip


def _timed(name: str, kind: Kind, states: Rollovers, work: Work, *, probed: bool = False) -> Contender:
    async def measure(_: float) -> Sample:
        seconds, _probe, errors = await _run(states, work, probed=probed)
        details = _details(_probe) if _probe else {}
        return Sample(seconds, errors, "not every assignment has expired" if errors else None, details)

    return Contender(name, kind, measure)


def _sign_ins(states: Rollovers) -> list[Contender]:
    async def closing(_: float) -> Sample:
        _seconds, probe, errors = await _run(states, _close, probed=True)
        return _p99(probe, errors)

    async def bare(_: float) -> Sample:
        _seconds, probe, errors = await _run(states, _update(_UPDATE, _ACCOUNTS), probed=True)
        return _p99(probe, errors)

    async def at_rest(seconds: float) -> Sample:
        async def rest(_pool: Pool) -> int:
            await asyncio.sleep(seconds)
            return states.assignments

        _seconds, probe, errors = await _run(states, rest, probed=True)
        return _p99(probe, errors)

    return [
        Contender("while the year is closed", Kind.OURS, closing),
        Contender("while bare UPDATEs run", Kind.LIMIT, bare),
        Contender("at rest", Kind.LIMIT, at_rest),
    ]


async def _run(states: Rollovers, work: Work, *, probed: bool) -> tuple[float, Probe | None, int]:
    """Seconds of the work on a fresh copy, the probe, and how many assignments it has missed."""
    async with states.copy() as url:
        pool = await open_pool(url, maximum=4)
        try:
            probe = Probe(pool, states.assignments) if probed else None
            started = time.perf_counter()
            if probe is None:
                done = await work(pool)
            else:
                async with probe.running():
                    done = await work(pool)
            return time.perf_counter() - started, probe, states.assignments - done
        finally:
            pool.terminate()


async def _close(pool: Pool) -> int:
    await _switch(pool)
    done = await finish_closing(pool, _SWITCH.program, _SWITCH.school_year, _now)
    return done.expired


async def _expire(pool: Pool) -> int:
    """The batches of assignments alone: what the bare statement does."""
    await _switch(pool)
    while True:
        async with pool.acquire() as connection, connection.transaction():
            closing = await one_batch(connection, _SWITCH.program, _SWITCH.school_year, _now())
        if closing.phase is ClosingPhase.ACCOUNTS:
            return closing.expired


async def _switch(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        now = _now()
        await switch_years(connection, _SWITCH, 0, ClosedBy(now, now.date()))
        await raise_epoch(connection)


def _update(*statements: str) -> Work:
    async def work(pool: Pool) -> int:
        async with pool.acquire() as connection:
            done = [await connection.execute(one, timeout=_HOURS) for one in statements]
        return int(done[0].rpartition(" ")[2])

    return work


def _p99(probe: Probe | None, errors: int) -> Sample:
    if probe is None:
        return Sample(0, 1, "nobody signed in")
    return Sample(probe.quantile(0.99) * _MILLI, errors, details=_details(probe))


def _details(probe: Probe) -> dict[str, float]:
    return {
        "sign_ins": len(probe.seconds),
        "median_ms": probe.quantile(0.5) * _MILLI,
        "p99_ms": probe.quantile(0.99) * _MILLI,
        "longest_ms": probe.quantile(1) * _MILLI,
    }


def _now() -> datetime:
    return datetime.now(UTC)


CASE = Case("rollover", "Rollover", _prepare)
