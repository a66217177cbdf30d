"""How far access reviews have come, counted over the items that somebody sees, and the items as a report's rows."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from policy.access import RowFilter
from policy.ids import OrganizationId, ProgramCode, SchoolYear
from store.access_reviews import FILE
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.ranges import RangeConditions
from store.reach import ReachedRows, with_clause
from store.records import Count, Page

_CURSOR: Final = "organizations of an access review"
_PREFETCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Progress:
    """`unanswered`: what is to be answered or, of a closed review, wasn't; of it, `suspended`.

    `gone`: ended before anybody answered. `changed`: counts still, but not as it was when the review began.
    """

    organization: OrganizationId | None
    items: int
    answered: int
    kept: int
    removed: int
    gone: int
    unanswered: int
    suspended: int
    changed: int


NO_PROGRESS: Final = Progress(None, 0, 0, 0, 0, 0, 0, 0, 0)


async def progress_of(
    connection: Connection, reviews: Collection[UUID], rows: RowFilter, today: date
) -> dict[UUID, Progress]:
    """Of each review, over all that the reader sees, in one statement."""
    parameters = Parameters()
    text = _text(parameters, reviews, rows, today, "i.review_id", "", "", "")
    return {row["review_id"]: _progress(row, None) for row in await connection.fetch(text, *parameters.values)}


async def page_of_progress(
    connection: Connection, review: UUID, rows: RowFilter, today: date, request: PageRequest
) -> Page[Progress]:
    """Of one review by organization, by name. Raises PageRefusedError."""
    parameters = Parameters()
    behind = ""
    if request.after is not None:
        name, identifier = read_cursor(_CURSOR, 2, request.after)
        behind = fill(
            FILE, "behind_organization", name_key=parameters.add(name, "text"),
            id=parameters.add(UUID(identifier), "uuid"),
        )  # fmt: skip
    order = fill(FILE, "by_organization", limit=parameters.add(request.first + 1, "int"))
    join = fill(FILE, "with_organization")
    text = _text(parameters, [review], rows, today, "i.organization_id, o.name_key", join, behind, order)
    return page_of(
        await connection.fetch(text, *parameters.values),
        request,
        lambda row: _progress(row, row["organization_id"]),
        lambda row: write_cursor(_CURSOR, row["name_key"], str(row["organization_id"])),
    )


async def count_organizations(connection: Connection, review: UUID, rows: RowFilter) -> Count:
    parameters = Parameters()
    ranges = RangeConditions(parameters)
    reached = ReachedRows(parameters, rows, None, ranges).assignment("i")
    text = fill(
        FILE, "count_organizations", reached=reached, review=parameters.add(review, "uuid"),
        limit=parameters.add(COUNTED_EXACTLY + 1, "int"), **{"with": with_clause(*ranges.ctes())},
    )  # fmt: skip
    return count_of(await connection.fetchval(text, *parameters.values))


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """`organization`: it and, of an LEA, its schools. `school_year` None: current and upcoming years."""

    rows: RowFilter
    today: date
    organization: OrganizationId | None = None
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None


def review_rows(connection: Connection, scope: ReviewReport) -> AsyncIterator[Row]:
    """Each item with its answer, the latest review first, by organization and name."""
    parameters = Parameters()
    ranges = RangeConditions(parameters)
    reached = ReachedRows(parameters, scope.rows, None, ranges)
    seen, answerer = reached.assignment("i"), reached.assignment("ba")
    text = fill(
        FILE, "report", reached=seen, answerer_seen=fill(FILE, "answerer_seen", reached=answerer),
        live=fill(FILE, "live", today=parameters.add(scope.today, "date")), gone=fill(FILE, "gone"),
        narrowed=_narrowed(parameters, scope), **{"with": with_clause(*ranges.ctes())},
    )  # fmt: skip
    return connection.cursor(text, *parameters.values, prefetch=_PREFETCH)


def _narrowed(parameters: Parameters, scope: ReviewReport) -> str:
    found = ""
    if scope.organization is not None:
        found += "\n" + fill(FILE, "at_or_below", organization=parameters.add(scope.organization, "uuid"))
    if scope.program is not None:
        found += "\n" + fill(FILE, "items_of_program", program=parameters.add(scope.program, "text"))
    if scope.school_year is not None:
        return found + "\n" + fill(FILE, "items_of_year", year=parameters.add(scope.school_year, "text"))
    return found + "\n" + fill(FILE, "items_of_this_year")


def _text(
    parameters: Parameters,
    reviews: Collection[UUID],
    rows: RowFilter,
    today: date,
    key: str,
    join: str,
    narrowed: str,
    order: str,
) -> str:
    ranges = RangeConditions(parameters)
    reached = ReachedRows(parameters, rows, None, ranges).assignment("i")
    return fill(
        FILE, "progress", key=key, join=join, narrowed=narrowed, order=order, reached=reached,
        reviews=parameters.add(sorted(reviews), "uuid[]"), gone=fill(FILE, "gone"), changed=fill(FILE, "changed"),
        live=fill(FILE, "live", today=parameters.add(today, "date")), **{"with": with_clause(*ranges.ctes())},
    )  # fmt: skip


def _progress(row: Row, organization: OrganizationId | None) -> Progress:
    return Progress(
        organization, row["items"], row["answered"], row["kept"], row["removed"], row["gone"], row["unanswered"],
        row["suspended"], row["changed"],
    )  # fmt: skip
