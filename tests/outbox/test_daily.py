"""Daily jobs: once a day by the state's calendar, in one process at a time, resumed where one was cut off."""

import asyncio
from datetime import date, time

import pytest

from gateway.outbox.daily import DailyJob, Day, daily_jobs_running, do_due_work
from gateway.state import Gateway
from store.connection import Connection
from tests.oidc.world import Clock


class Work:
    """Three parts; `breaks`: raised in front of the part behind that position."""

    def __init__(self, breaks: str = "") -> None:
        self.done: list[tuple[date, str | None]] = []
        self.breaks = breaks

    async def part(self, day: Day, connection: Connection) -> str | None:
        if self.breaks and day.position == self.breaks:
            self.breaks = ""
            raise RuntimeError("the process was killed here")
        await asyncio.sleep(0)
        self.done.append((day.date, day.position))
        return {None: "a", "a": "b", "b": None}[day.position]


MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
WHOLE = [None, "a", "b"]


@pytest.fixture(autouse=True)
def monday_noon(clock: Clock) -> None:
    clock.forward(days=1, hours=8)  # 20:00 UTC on Monday is noon in Los Angeles


async def test_a_day_s_work_is_done_once(gateway: Gateway, clock: Clock) -> None:
    work = Work()
    jobs = (DailyJob("reminders", work.part),)
    await do_due_work(gateway, jobs)
    await do_due_work(gateway, jobs)
    assert work.done == [(MONDAY, one) for one in WHOLE]
    clock.forward(hours=11, minutes=59)
    await do_due_work(gateway, jobs)
    assert len(work.done) == 3, "by the state's calendar it is still Monday"
    clock.forward(hours=5, minutes=30)
    await do_due_work(gateway, jobs)
    assert work.done[3:] == [(TUESDAY, one) for one in WHOLE]


async def test_work_begins_at_its_hour(gateway: Gateway, clock: Clock) -> None:
    work = Work()
    evening = (DailyJob("evening", work.part, time(18)),)
    await do_due_work(gateway, evening)
    assert work.done == []
    clock.forward(hours=6)
    await do_due_work(gateway, evening)
    assert len(work.done) == 3


async def test_two_processes_share_a_day_without_doing_anything_twice(gateway: Gateway) -> None:
    work = Work()
    jobs = (DailyJob("reminders", work.part),)
    await asyncio.gather(*(do_due_work(gateway, jobs) for _ in range(4)))
    assert work.done == [(MONDAY, one) for one in WHOLE]


async def test_work_that_was_cut_off_is_resumed_and_holds_up_no_other(gateway: Gateway) -> None:
    broken, other = Work(breaks="a"), Work()
    jobs = (DailyJob("broken", broken.part), DailyJob("other", other.part))
    await do_due_work(gateway, jobs)
    assert [position for _, position in broken.done] == [None]
    assert [position for _, position in other.done] == WHOLE
    await do_due_work(gateway, jobs)
    assert [position for _, position in broken.done] == WHOLE


async def test_what_was_left_of_yesterday_begins_anew_today(gateway: Gateway, clock: Clock) -> None:
    work = Work(breaks="b")
    jobs = (DailyJob("reminders", work.part),)
    await do_due_work(gateway, jobs)
    clock.forward(days=1)
    await do_due_work(gateway, jobs)
    assert work.done[2:] == [(TUESDAY, one) for one in WHOLE]


async def test_a_process_looks_by_itself(gateway: Gateway) -> None:
    finished = asyncio.Event()

    async def part(day: Day, connection: Connection) -> None:
        finished.set()

    async with daily_jobs_running(gateway, (DailyJob("reminders", part),)), asyncio.timeout(10):
        await finished.wait()
