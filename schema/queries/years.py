"""Queries about school years: how far a closing has come, and whom an earlier year had."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode, SchoolYear
from resolvers import years
from resolvers.years import Closing, YearAsked
from schema.asked import Info, answered
from schema.mutations.years import YearClosing
from schema.rules import RUN_YEARS


async def _closing(info: Info, program: str, school_year: str) -> Closing | None:
    return await years.closing(info.context, YearAsked(ProgramCode(program), SchoolYear(school_year)))


@strawberry.type
class YearQueries:
    year_closing: YearClosing | None = answered(
        _closing, RUN_YEARS, description="How far the closing of that year has come; null where none was begun."
    )
