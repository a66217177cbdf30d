"""Access reviews as their reader sees them: the list, and how far each has come, over all and by organization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from policy.access import AnyOf, RowFilter
from policy.ids import OrganizationId, ProgramCode, SchoolYear, UserId
from policy.reviews import Unanswered
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.pages import Listing, page_request
from resolvers.targets import missing
from store.access_review_progress import NO_PROGRESS, Progress, count_organizations, page_of_progress, progress_of
from store.access_reviews import ReviewRecord, ReviewsSought, count_reviews, page_of_reviews, reviews_by_ids
from store.records import Count, Page


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """`overdue`: its last day is over, and it hasn't closed yet. `rule`: by which its items are seen."""

    record: ReviewRecord
    overdue: bool
    rule: AnyOf

    @property
    def id(self) -> UUID:
        return self.record.id

    @property
    def program(self) -> ProgramCode:
        return self.record.program

    @property
    def school_year(self) -> SchoolYear:
        return self.record.school_year

    @property
    def organization_id(self) -> OrganizationId:
        return self.record.organization_id

    @property
    def due_on(self) -> date:
        return self.record.due_on

    @property
    def unanswered(self) -> Unanswered:
        return self.record.unanswered

    @property
    def started_by(self) -> UserId:
        return self.record.started_by

    @property
    def started_under(self) -> str | None:
        return self.record.started_under

    @property
    def started_at(self) -> datetime:
        return self.record.started_at

    @property
    def closed_at(self) -> datetime | None:
        return self.record.closed_at


def seen_rows(asking: Asking, rule: AnyOf) -> RowFilter:
    """The items that the caller sees. A downstream system's token shows none."""
    return RowFilter() if asking.systems is not None else asking.rows(rule)


async def page(
    asking: Asking,
    rule: AnyOf,
    program: ProgramCode | None,
    first: int | None,
    after: str | None,
    *,
    open_: bool | None,
) -> Listing[ReviewRow]:
    """Latest first. `rule`: that of seeing who holds a role."""
    sought = ReviewsSought(seen_rows(asking, rule), program, open_)
    request = page_request(first, after)
    found = await asking.reads.run(partial(page_of_reviews, sought=sought, request=request))

    async def count() -> Count:
        return await asking.reads.run(partial(count_reviews, sought=sought))

    rows = tuple(row_of(asking, one, rule) for one in found.rows)
    return Listing(Page(rows, found.cursors, has_next=found.has_next, has_previous=found.has_previous), count)


def row_of(asking: Asking, record: ReviewRecord, rule: AnyOf) -> ReviewRow:
    return ReviewRow(record, record.closed_at is None and record.due_on < asking.clock.today, rule)


async def by_id(asking: Asking, rule: AnyOf, identifier: UUID | None) -> ReviewRow:
    """Raises RefusedError NOT_FOUND for one of which the caller sees nothing."""
    found = (await reviews(asking, rule, [identifier])).get(identifier) if identifier else None
    if found is None:
        raise missing("access review")
    return row_of(asking, found, rule)


async def reviews(asking: Asking, rule: AnyOf, ids: Sequence[UUID]) -> Mapping[UUID, ReviewRecord]:
    return await asking.reads.run(partial(reviews_by_ids, rows=seen_rows(asking, rule), ids=ids))


async def progress(row: ReviewRow, asking: Asking) -> Progress:
    """Over all items of the review that the caller sees; one statement for all reviews of an answer."""

    async def load(ids: Sequence[UUID]) -> Mapping[UUID, Progress]:
        seen = seen_rows(asking, row.rule)
        return await asking.reads.run(partial(progress_of, reviews=ids, rows=seen, today=asking.clock.today))

    return await batch_of(asking.batches, ("review progress", row.rule), load).get(row.id) or NO_PROGRESS


async def by_organization(
    asking: Asking, rule: AnyOf, identifier: UUID | None, first: int | None, after: str | None
) -> Listing[Progress]:
    """Raises RefusedError NOT_FOUND for a review of which the caller sees nothing."""
    review = await by_id(asking, rule, identifier)
    request = page_request(first, after)
    seen, today = seen_rows(asking, rule), asking.clock.today
    found = await asking.reads.run(
        partial(page_of_progress, review=review.id, rows=seen, today=today, request=request)
    )  # fmt: skip
    return Listing(found, lambda: asking.reads.run(partial(count_organizations, review=review.id, rows=seen)))
