"""openSchoolYear, rehearseYearClose, closeSchoolYear, and how far a closing has come."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from policy.access import AnyOf
from policy.ids import ProgramCode, SchoolYear
from policy.school_years import YearStatus, confirmation_of
from resolvers import year_steps
from resolvers.asking import Asking
from resolvers.everybody import acting_under, still_may
from resolvers.step_up import step_up_missing
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from resolvers.year_steps import CLOSE, OPEN, REHEARSE, YEAR, YearRefusedError
from store.database import Connection
from store.year_closing import ClosedBy, Closing, Rehearsal, closing_of

__all__ = [
    "ClosedRow",
    "Closing",
    "OpenedRow",
    "RehearsedRow",
    "YearAsked",
    "close_year",
    "closing",
    "open_year",
    "rehearse",
]

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class YearAsked:
    program: ProgramCode
    school_year: SchoolYear
    confirm: str = ""

    @property
    def target(self) -> Target:
        return Target(YEAR, f"{self.program} {self.school_year}")


@dataclass(frozen=True, slots=True)
class OpenedRow:
    status: YearStatus | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class RehearsedRow:
    rehearsal: Rehearsal | None
    next_year: SchoolYear | None
    confirmation: str | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class ClosedRow:
    closing: Closing | None
    user_errors: list[UserError]


async def open_year(asking: Asking, asked: YearAsked, rule: AnyOf) -> OpenedRow:
    making = change(asking, OPEN, rule)

    async def work(connection: Connection) -> YearStatus:
        return await year_steps.open_year(
            connection, asking.packs, asked.program, asked.school_year, _by(making), still_may(making)
        )

    found = await _carried_out(making, asked, work)
    return OpenedRow(None, found) if isinstance(found, list) else OpenedRow(found, [])


async def rehearse(asking: Asking, asked: YearAsked, rule: AnyOf) -> RehearsedRow:
    making = change(asking, REHEARSE, rule)
    work = partial(
        year_steps.rehearse_close, packs=asking.packs, program=asked.program, year=asked.school_year
    )  # fmt: skip
    found = await _carried_out(making, asked, work)
    if isinstance(found, list):
        return RehearsedRow(None, None, None, found)
    switch, rehearsal = found
    return RehearsedRow(rehearsal, switch.next_year, confirmation_of(asked.program, asked.school_year), [])


async def close_year(asking: Asking, asked: YearAsked, rule: AnyOf) -> ClosedRow:
    making = change(asking, CLOSE, rule)

    async def work(connection: Connection) -> Closing:
        missing = step_up_missing(making.caller, asking.clock, second_step=asking.accounts.second_step_required)
        if missing is not None:
            raise RefusedChangeError([missing])
        return await year_steps.close_year(
            connection, asking.packs, asked.program, asked.school_year, asked.confirm, _by(making), still_may(making)
        )

    found = await _carried_out(making, asked, work)
    return ClosedRow(None, found) if isinstance(found, list) else ClosedRow(found, [])


async def closing(asking: Asking, asked: YearAsked) -> Closing | None:
    """How far the closing of that year has come; None: nobody has begun one."""
    return await asking.reads.run(partial(closing_of, program=asked.program, year=asked.school_year))


async def _carried_out(
    making: Change, asked: YearAsked, work: Callable[[Connection], Awaitable[Done]]
) -> Done | list[UserError]:
    async def refusing(connection: Connection) -> Done:
        try:
            return await work(connection)
        except YearRefusedError as refused:
            raise RefusedChangeError([user_error(refused.refusal)]) from refused

    try:
        return await making.carry_out(asked.target, refusing)
    except RefusedChangeError as refused:
        return refused.errors


def _by(making: Change) -> ClosedBy:
    clock = making.asking.clock
    return ClosedBy(
        clock.now, clock.today, making.caller.user, acting_under(making), request_id=making.asking.request_id or None
    )
