"""Mutations that start access reviews and answer their items."""

from __future__ import annotations

from datetime import date

import strawberry

from policy.ids import ProgramCode
from resolvers import access_reviews, answer_review_items, start_access_review
from resolvers.access_review_items import ReviewItemRow, items_of
from resolvers.access_reviews import ReviewRow
from resolvers.answer_review_items import AnswerAsked, AnsweredRow
from resolvers.references import read_id
from resolvers.start_access_review import StartAsked, StartedRow
from schema.access_reviews import AccessReview, ReviewItem
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, any_of
from schema.mutations.shared import UserError, user_errors
from schema.rules import ANSWER_REVIEWS, SEE_REVIEWS, SIGHT, START_REVIEW
from schema.words import ReviewAnswer, UnansweredItems


@strawberry.input
class StartAccessReviewInput:
    program: str
    organization: strawberry.ID = strawberry.field(description="With what is below it.")
    due_on: date = strawberry.field(description="The last day on which it is to be answered, within 180 days.")
    unanswered: UnansweredItems = strawberry.field(description="What happens then to what nobody answered.")
    idempotency_key: str

    def read(self) -> StartAsked:
        return StartAsked(
            ProgramCode(self.program), read_id(self.organization), self.due_on, self.unanswered, self.idempotency_key
        )


@strawberry.input
class AnswerReviewItemInput:
    items: list[strawberry.ID] = strawberry.field(description="Up to 100, which get the same answer, or none does.")
    answer: ReviewAnswer = strawberry.field(description="REMOVE takes the roles away, as `removeRoles` does.")
    reason: str | None = strawberry.UNSET

    def read(self) -> AnswerAsked:
        return AnswerAsked(tuple(read_id(one) for one in self.items), self.answer, self.reason or None)


async def _review(root: strawberry.Parent[StartedRow], info: Info) -> ReviewRow | None:
    if root.review is None:
        return None
    return await access_reviews.by_id(info.context, any_of(SEE_REVIEWS), root.review)


async def _items(root: strawberry.Parent[AnsweredRow], info: Info) -> list[ReviewItemRow]:
    return await items_of(info.context, root.answered, any_of(SEE_REVIEWS), any_of(ANSWER_REVIEWS))


@strawberry.type(directives=[PUBLIC])
class StartAccessReviewPayload:
    review: AccessReview | None = answered(_review)
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class AnswerReviewItemPayload:
    items: list[ReviewItem] | None = answered(_items, size=100)
    user_errors: list[UserError] = user_errors()


async def _start(info: Info, input: StartAccessReviewInput) -> StartedRow:
    return await start_access_review.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _answer(info: Info, input: AnswerReviewItemInput) -> AnsweredRow:
    return await answer_review_items.carry_out(info.context, input.read(), rule_of_rows(info), any_of(SEE_REVIEWS))


@strawberry.type
class ReviewMutations:
    start_access_review: StartAccessReviewPayload | None = answered(
        _start,
        START_REVIEW,
        description="Has every role of the program's current year there looked at, but for those that the directory "
        "gives. One review is open at a time.",
    )
    answer_review_item: AnswerReviewItemPayload | None = answered(
        _answer,
        ANSWER_REVIEWS,
        description="Keeps or removes roles of an open review; can be answered anew until it closes.",
    )
