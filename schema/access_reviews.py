"""Access reviews, their items and how far they have come, as GraphQL shows them."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from resolvers import access_reviews
from resolvers.access_reviews import Progress, ReviewRow
from schema.asked import Info, answered
from schema.assignments import RoleAssignment
from schema.directives import PUBLIC
from schema.explanations import Assigner
from schema.mapped import row_of
from schema.organizations import Organization
from schema.programs import Role
from schema.sizes import listed
from schema.users import User
from schema.words import AssignmentStatus, ReviewAnswer, UnansweredItems


async def _progress(root: strawberry.Parent[ReviewRow], info: Info) -> Progress:
    return await access_reviews.progress(root, info.context)


@strawberry.type(directives=[PUBLIC], description="How far a review has come, over those items that the viewer sees.")
class ReviewProgress:
    organization: Organization | None = row_of("organization", description="Null: over all of them.")
    items: int | None
    answered: int | None
    kept: int | None
    removed: int | None
    unanswered: int | None = strawberry.field(description="Still to be answered; of a closed review, never answered.")
    suspended: int | None = strawberry.field(description="Of them, those that were suspended when the review closed.")
    gone: int | None = strawberry.field(description="Ended before anybody answered.")
    changed: int | None = strawberry.field(
        description="They count still, but not as they did when the review began: suspended, another last day."
    )


@strawberry.type(
    directives=[PUBLIC],
    description="Every role of a program at an organization, looked at until a day. Reached by guarded lists only.",
)
class AccessReview:
    id: strawberry.ID
    program: str | None
    school_year: str | None
    organization: Organization | None = row_of("organization_id")
    due_on: date | None = strawberry.field(description="The last day on which it is to be answered.")
    overdue: bool | None = strawberry.field(description="That day is over, and the review is about to close.")
    unanswered: UnansweredItems | None
    started_by: User | None = row_of("started_by")
    started_under: str | None
    started_at: datetime | None
    closed_at: datetime | None
    progress: ReviewProgress | None = answered(_progress)


@strawberry.type(
    directives=[PUBLIC], description="One role in a review, as it was when that began. It is reached by guards only."
)
class ReviewItem:
    id: strawberry.ID
    person: strawberry.ID | None = strawberry.field(description="Whose role it is, also once she has it no more.")
    first_name: str | None
    last_name: str | None
    user: User | None = row_of("user", description="The account, while it lies within reach.")
    role: Role | None
    primary: bool | None
    organization: Organization | None = row_of("organization_id")
    assignment: RoleAssignment | None = row_of("assignment", description="Null once it is removed.")
    status: AssignmentStatus | None = strawberry.field(description="As it is now; null where it has ended.")
    gone: bool | None = strawberry.field(description="It ended before anybody answered.")
    changed: bool | None = strawberry.field(description="It isn't as it was when the review began.")
    answer: ReviewAnswer | None
    reason: str | None
    answered_by: User | None = row_of("answered_by", description="Null also where that is out of sight.")
    answered_under: str | None
    answered_at: datetime | None
    answered_by_roles: list[Assigner] | None = listed(
        10, description="The roles that may answer, of others than its holder; the state where nobody could."
    )
    may_answer: bool | None = strawberry.field(description="Whether the viewer may.")
    suspended_by_review: bool | None = strawberry.field(description="Nobody answered, and it was suspended for that.")
