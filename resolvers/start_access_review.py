"""startAccessReview: an item for every role of an organization, to be answered by a day (S1-27)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Verdict
from policy.facts import Organization
from policy.ids import ProgramCode, SchoolYear
from policy.reviews import Unanswered, may_start
from resolvers import targets
from resolvers.account_changes import entitled, refused
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.access_reviews import NewReview, begin_review, lock_current_year, overlapping_review
from store.database import Connection

ACTION = "startAccessReview"
LONGEST: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class StartAsked:
    """`due_on`: the last day on which it can be answered, by the state's calendar."""

    program: ProgramCode
    organization: UUID | None
    due_on: date
    unanswered: Unanswered
    key: str


@dataclass(frozen=True, slots=True)
class StartedRow:
    review: UUID | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: StartAsked, rule: AnyOf, sight: Sight) -> StartedRow:
    """Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, ACTION, rule)
    where = (await targets.organization(asking, sight, asked.organization)).facts
    target = Target("organization", str(where.id))
    try:
        review = await making.carry_out(target, lambda connection: _start(making, connection, asked, where))
    except RefusedChangeError as error:
        return StartedRow(None, error.errors)
    return StartedRow(review, [])


async def _start(making: Change, connection: Connection, asked: StartAsked, where: Organization) -> UUID:
    new = making.asking.new_id()
    year = await lock_current_year(connection, asked.program)
    pack = making.asking.packs.at(asked.program, year) if year else None
    if year is None or pack is None:
        text = "The program has no current school year, so there is nothing to review."
        raise refused("program", "NO_CURRENT_YEAR", "S1-27", text, "Choose a program whose school year is open.")
    under = entitled(may_start(making.actor, where, asked.program, year))
    digest = digest_of(asked.program, where.id, asked.due_on, asked.unanswered)
    first = await first_result(making, connection, asked.key, digest, new)
    if first != new:
        return first
    _check_day(asked.due_on, making.asking.clock.today)
    await _check_others(connection, asked.program, where)
    review = NewReview(
        new, asked.program, year, where, asked.due_on, asked.unanswered, making.caller.user,
        f"{under.program}/{under.role}", making.asking.clock.now,
        frozenset(slug for slug, role in pack.roles.items() if not role.derived),
    )  # fmt: skip
    items = await begin_review(connection, review, making.asking.clock.today)
    if not items:
        text = f"Nobody holds a role of the program at {where.name} that could be reviewed."
        raise refused("organization", "NOTHING_TO_REVIEW", "S1-27", text, "Choose another organization or program.")
    await _audit(making, connection, Verdict(under), review, items)
    return new


def _check_day(due_on: date, today: date) -> None:
    if due_on <= today:
        text = f"The last day, {due_on.isoformat()}, isn't after today."
        raise refused("dueOn", "PAST_DAY", "S1-27", text, "Give a later day.")
    if due_on > today + LONGEST:
        text = f"The last day, {due_on.isoformat()}, is more than {LONGEST.days} days away."
        raise refused("dueOn", "TOO_LATE", "S1-27", text, f"Give a day within {LONGEST.days} days.")


async def _check_others(connection: Connection, program: ProgramCode, where: Organization) -> None:
    other = await overlapping_review(connection, program, where)
    if other is not None:
        text = f"A review of {other.organization_name} is open until {other.due_on.isoformat()} and overlaps this one."
        raise refused("organization", "REVIEW_OPEN", "S1-27", text, "Answer that one, or start this one afterwards.")


async def _audit(making: Change, connection: Connection, by: Verdict, review: NewReview, items: int) -> None:
    after = {
        "program": review.program, "school_year": SchoolYear(review.school_year),
        "organization": str(review.organization.id), "due_on": review.due_on.isoformat(),
        "unanswered": review.unanswered.value, "items": items,
    }  # fmt: skip
    await making.audit(connection, Target("access_review", str(review.id)), by.under, after=after)
