"""Queries about access reviews: those of which one sees something, and their items."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode
from resolvers import access_review_items, access_reviews
from resolvers.access_review_items import ItemsAsked, ReviewItemRow
from resolvers.access_reviews import Progress, ReviewRow
from resolvers.pages import Listing
from resolvers.references import read_id
from schema.access_reviews import AccessReview, ReviewItem, ReviewProgress
from schema.asked import Info, answered, rule_of_rows
from schema.connections import After, Connection, First
from schema.directives import any_of
from schema.rules import ANSWER_REVIEWS, SEE_REVIEWS


async def _reviews(
    info: Info,
    program: str | None = strawberry.UNSET,
    open: bool | None = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Listing[ReviewRow]:
    wanted = ProgramCode(program) if program else None
    return await access_reviews.page(info.context, rule_of_rows(info), wanted, first, after, open_=_given(open))


async def _items(
    info: Info,
    review: strawberry.ID,
    mine: bool | None = strawberry.UNSET,
    answered: bool | None = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Listing[ReviewItemRow]:
    asked = ItemsAsked(read_id(review), _given(mine), _given(answered))
    rules = rule_of_rows(info), any_of(ANSWER_REVIEWS)
    return await access_review_items.page(info.context, asked, *rules, first, after)


async def _progress(
    info: Info, review: strawberry.ID, first: First = strawberry.UNSET, after: After = strawberry.UNSET
) -> Listing[Progress]:
    return await access_reviews.by_organization(info.context, rule_of_rows(info), read_id(review), first, after)


def _given(value: bool | None) -> bool | None:
    return value if isinstance(value, bool) else None


@strawberry.type
class ReviewQueries:
    access_reviews: Connection[AccessReview] | None = answered(
        _reviews, SEE_REVIEWS, description="The latest first; open ones, closed ones or both."
    )
    review_items: Connection[ReviewItem] | None = answered(
        _items,
        SEE_REVIEWS,
        description="By name. `mine`: what the viewer may answer, or only the others. `answered`: what is answered, "
        "or what is still to be.",
    )
    review_progress: Connection[ReviewProgress] | None = answered(
        _progress, SEE_REVIEWS, description="How far a review has come at each organization, by its name."
    )
