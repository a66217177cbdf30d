"""Mutations that open, rehearse and close school years, and what they answer with."""

from __future__ import annotations

from datetime import datetime

import strawberry

from policy.ids import ProgramCode, SchoolYear
from resolvers import years
from resolvers.years import ClosedRow, OpenedRow, RehearsedRow, YearAsked
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mutations.shared import UserError, user_errors
from schema.rules import RUN_YEARS
from schema.words import ClosingPhase, YearStatus


@strawberry.input(description="A school year of a program, written 2026-27.")
class SchoolYearInput:
    program: str
    school_year: str

    def read(self) -> YearAsked:
        return YearAsked(ProgramCode(self.program), SchoolYear(self.school_year))


@strawberry.input
class CloseSchoolYearInput:
    program: str
    school_year: str
    confirm: str = strawberry.field(description="Typed: `close caaspp 2026-27`.")

    def read(self) -> YearAsked:
        return YearAsked(ProgramCode(self.program), SchoolYear(self.school_year), self.confirm)


@strawberry.type(directives=[PUBLIC], description="What closing a year would do, counted without doing it.")
class YearRehearsal:
    assignments: int | None = strawberry.field(description="How many would expire.")
    suspended: int | None = strawberry.field(description="Of them, those that are suspended.")
    people: int | None
    without_next: int | None = strawberry.field(description="People who have no assignment in the next year.")
    inactive: int | None = strawberry.field(description="Accounts that would have no assignment left, in any program.")
    carried: int | None = strawberry.field(description="Roles from the directory, which go on by themselves.")
    ahead: int | None = strawberry.field(description="Assignments of the next year, which stay.")
    other_programs: int | None = strawberry.field(description="Assignments of other programs, which stay.")
    timeless: int | None = strawberry.field(description="Roles that aren't tied to a year, which stay.")


@strawberry.type(directives=[PUBLIC], description="How far the bookkeeping of a closed year has come.")
class YearClosing:
    program: str | None
    school_year: str | None
    next_year: str | None
    phase: ClosingPhase | None
    began_at: datetime | None
    finished_at: datetime | None
    assignments: int | None = strawberry.field(description="How many are to expire.")
    expired: int | None
    inactivated: int | None
    carried: int | None


@strawberry.type(directives=[PUBLIC])
class OpenSchoolYearPayload:
    status: YearStatus | None = strawberry.field(description="Current where it is the program's first year.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RehearseYearClosePayload:
    rehearsal: YearRehearsal | None
    next_year: str | None
    confirmation: str | None = strawberry.field(description="What has to be typed to close the year.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class CloseSchoolYearPayload:
    closing: YearClosing | None
    user_errors: list[UserError] = user_errors()


async def _open(info: Info, input: SchoolYearInput) -> OpenedRow:
    return await years.open_year(info.context, input.read(), rule_of_rows(info))


async def _rehearse(info: Info, input: SchoolYearInput) -> RehearsedRow:
    return await years.rehearse(info.context, input.read(), rule_of_rows(info))


async def _close(info: Info, input: CloseSchoolYearInput) -> ClosedRow:
    return await years.close_year(info.context, input.read(), rule_of_rows(info))


@strawberry.type
class YearMutations:
    open_school_year: OpenSchoolYearPayload | None = answered(
        _open, RUN_YEARS, description="Opens the year after the current one as the upcoming year."
    )
    rehearse_year_close: RehearseYearClosePayload | None = answered(
        _rehearse, RUN_YEARS, description="Counts what closing would do; changes nothing."
    )
    close_school_year: CloseSchoolYearPayload | None = answered(
        _close,
        RUN_YEARS,
        description="The upcoming year becomes the current one. Needs a recent sign-in and a typed confirmation.",
    )
