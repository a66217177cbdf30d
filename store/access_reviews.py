"""Access reviews: begun in one statement, listed within reach, locked while they are answered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from policy.access import RowFilter
from policy.facts import Level, Organization
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reach import Range
from policy.reviews import Answerer, Unanswered
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.ranges import RangeConditions
from store.reach import ReachedRows, with_clause
from store.records import Count, Page
from store.statements import statements
from store.tables import Rows

FILE: Final = "access_reviews"
_CURSOR: Final = "access reviews"
_WITHIN: Final = {Level.LEA: "in_lea", Level.SCHOOL: "at_organization"}


@dataclass(frozen=True, slots=True)
class NewReview:
    """`roles`: those that are reviewed, none that the directory or an operator gives. `due_on`: the last day."""

    id: UUID
    program: ProgramCode
    school_year: SchoolYear
    organization: Organization
    due_on: date
    unanswered: Unanswered
    started_by: UserId
    started_under: str
    started_at: datetime
    roles: frozenset[RoleSlug]


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    id: UUID
    program: ProgramCode
    school_year: SchoolYear
    organization_id: OrganizationId
    due_on: date
    unanswered: Unanswered
    started_by: UserId
    started_under: str | None
    started_at: datetime
    closing_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OverlappingReview:
    """An open review that holds some of the same assignments."""

    id: UUID
    organization_name: str
    due_on: date


@dataclass(frozen=True, slots=True)
class ReviewsSought:
    """Reviews of which the reader sees an item, or all of whose place she sees. `open`: None: closed ones as well."""

    rows: RowFilter
    program: ProgramCode | None = None
    open: bool | None = None
    ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class AnswererOfYear:
    """An `Answerer` of a program's year, as statements take it."""

    program: ProgramCode
    school_year: SchoolYear
    answerer: Answerer


async def lock_current_year(connection: Connection, program: ProgramCode) -> SchoolYear | None:
    """The program's current year, which stays it to the end of the transaction; whoever else begins a review waits."""
    return await connection.fetchval(statements(FILE)["lock_program"], program)


async def overlapping_review(
    connection: Connection, program: ProgramCode, where: Organization
) -> OverlappingReview | None:
    """An open review of the organization, of what it lies in or of what lies in it."""
    row = await connection.fetchrow(
        statements(FILE)["overlapping"], program, where.id, where.level.value, where.lea
    )  # fmt: skip
    return None if row is None else OverlappingReview(row["id"], row["name"], row["due_on"])


async def begin_review(connection: Connection, new: NewReview, today: date) -> int:
    """The review with an item for each assignment that counts `today`; how many items there are."""
    parameters = Parameters()
    organization = parameters.add(new.organization.id, "uuid")
    within = _WITHIN.get(new.organization.level)
    text = fill(
        FILE, "begin", organization=organization,
        within=fill(FILE, within, organization=organization) if within else "",
        id=parameters.add(new.id, "uuid"), program=parameters.add(new.program, "text"),
        year=parameters.add(new.school_year, "text"), due_on=parameters.add(new.due_on, "date"),
        unanswered=parameters.add(new.unanswered.value, "text"), by=parameters.add(new.started_by, "uuid"),
        under=parameters.add(new.started_under, "text"), now=parameters.add(new.started_at, "timestamptz"),
        roles=parameters.add(sorted(new.roles), "text[]"), today=parameters.add(today, "date"),
    )  # fmt: skip
    return await connection.fetchval(text, *parameters.values)


async def page_of_reviews(connection: Connection, sought: ReviewsSought, request: PageRequest) -> Page[ReviewRecord]:
    """Latest first. Raises PageRefusedError for a cursor that isn't one of this list."""
    parameters = Parameters()
    parts = _parts(parameters, sought)
    if request.after is not None:
        started_at, identifier = read_cursor(_CURSOR, 2, request.after)
        parts["narrowed"] += "\n" + fill(
            FILE, "behind_review", started_at=parameters.add(datetime.fromisoformat(started_at), "timestamptz"),
            id=parameters.add(UUID(identifier), "uuid"),
        )  # fmt: skip
    text = fill(FILE, "reviews", limit=parameters.add(request.first + 1, "int"), **parts)
    rows = await connection.fetch(text, *parameters.values)
    return page_of(
        rows, request, _record, lambda row: write_cursor(_CURSOR, row["started_at"].isoformat(), str(row["id"]))
    )


async def count_reviews(connection: Connection, sought: ReviewsSought) -> Count:
    parameters = Parameters()
    parts = _parts(parameters, sought)
    text = fill(FILE, "count_reviews", limit=parameters.add(COUNTED_EXACTLY + 1, "int"), **parts)
    return count_of(await connection.fetchval(text, *parameters.values))


async def reviews_by_ids(connection: Connection, rows: RowFilter, ids: Collection[UUID]) -> dict[UUID, ReviewRecord]:
    """Those of them that the reader sees."""
    sought = ReviewsSought(rows, ids=frozenset(ids))
    found = await page_of_reviews(connection, sought, PageRequest(max(1, len(ids))))
    return {one.id: one for one in found.rows}


async def lock_open_reviews(connection: Connection, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those that aren't closing; none of them begins to before the transaction ends."""
    return frozenset(row["id"] for row in await connection.fetch(statements(FILE)["lock_open"], sorted(ids)))


def answerer_rows(every: Iterable[AnswererOfYear]) -> list[dict[str, object]]:
    """As a statement takes them."""
    return [
        {
            "program": one.program, "school_year": one.school_year, "role": one.answerer.role,
            "primary": one.answerer.primary, "holder": one.answerer.holder,
            "holder_primary": one.answerer.holder_primary, "reach": one.answerer.reach.value,
            "stands_in_for": one.answerer.stands_in_for,
        }
        for one in every
    ]  # fmt: skip


def _parts(parameters: Parameters, sought: ReviewsSought) -> dict[str, str]:
    ranges = RangeConditions(parameters)
    reached = ReachedRows(parameters, sought.rows, None, ranges).assignment("i")
    managed = ranges.condition(Rows.ASSIGNMENTS, "r", _whole(sought.rows))
    narrowed = ""
    if sought.program is not None:
        narrowed += "\n" + fill(FILE, "of_program", program=parameters.add(sought.program, "text"))
    if sought.open is not None:
        narrowed += "\n" + fill(FILE, "open" if sought.open else "closed")
    if sought.ids is not None:
        narrowed += "\n" + fill(FILE, "only_reviews", ids=parameters.add(sorted(sought.ids), "uuid[]"))
    return {"with": with_clause(*ranges.ctes()), "managed": managed, "reached": reached, "narrowed": narrowed}


def _whole(rows: RowFilter) -> tuple[Range, ...]:
    """The ranges that hold people of every role."""
    return tuple(one for one in rows.visible.ranges if not one.roles)


def _record(row: Row) -> ReviewRecord:
    return ReviewRecord(
        row["id"], row["program"], row["school_year"], row["organization_id"], row["due_on"],
        Unanswered(row["unanswered"]), row["started_by"], row["started_under"], row["started_at"], row["closing_at"],
        row["closed_at"],
    )  # fmt: skip
