"""The daily work on access reviews: who has open items is reminded, and what is over its last day is closed (S1-27)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

from gateway.outbox.daily import Day
from policy.ids import ProgramCode, SchoolYear
from policy.notices import EXPIRED, due_notice, window
from policy.reviews import DUE_MARKS, Unanswered, answerers
from schema.directives import any_of
from schema.rules import ANSWER_REVIEWS
from store.access_review_closing import (
    DueReview,
    OverdueReview,
    UnansweredItem,
    begin_closing,
    close_review,
    count_answers,
    next_to_close,
    reviews_to_remind,
    set_reminded,
    settle,
    unanswered_portion,
    whom_to_remind,
)
from store.access_reviews import AnswererOfYear
from store.access_version import raise_versions
from store.audit import AuditEvent, record, record_many
from store.connection import Connection
from store.outbox import MailOrder, queue_mails
from store.recipients import lock_users

ACTION: Final = "closeAccessReview"
PORTION: Final = 1_000
"""Items that are settled in one transaction."""
_REMINDERS: Final = UUID("7d0c1c0e-5a53-4c0a-9d5a-2f6b8f1f4a11")
"""The namespace of a day's reminders, which are one mail for each person."""


async def remind_of_reviews(day: Day, connection: Connection) -> str | None:
    """7 days and 1 day before the last day, one review at a time."""
    behind = UUID(day.position) if day.position else None
    due = await reviews_to_remind(connection, *window(day.date, DUE_MARKS), behind)
    for review in due:
        mark = due_notice(review.due_on, day.date, DUE_MARKS, review.reminded)
        if mark is not None and mark != EXPIRED:
            await _remind(day, connection, review, mark)
            return str(review.id)
    return None


async def _remind(day: Day, connection: Connection, review: DueReview, mark: int) -> None:
    known = _answerers(day, review.program, review.school_year)
    users = await whom_to_remind(connection, review.id, known, day.date)
    values = {"organization": review.organization, "due_on": review.due_on}
    cause = uuid5(_REMINDERS, day.date.isoformat())
    await queue_mails(connection, cause, [MailOrder("review-due", user, values) for user in users])
    await set_reminded(connection, review.id, mark)


def _answerers(day: Day, program: ProgramCode, year: SchoolYear) -> list[AnswererOfYear]:
    packs = day.gateway.packs.current
    pack = packs.at(program, year)
    permissions = frozenset(one.permission for one in any_of(ANSWER_REVIEWS) if one.permission is not None)
    return [AnswererOfYear(program, year, one) for one in answerers(pack, packs, permissions)] if pack else []


async def close_reviews(day: Day, connection: Connection) -> str | None:
    """What nobody answered is settled in portions; what is settled says so itself, so any process goes on with it."""
    review = await next_to_close(connection, day.date)
    if review is None:
        return None
    now = day.gateway.now()
    if not review.closing:
        await begin_closing(connection, review.id, now)
    users = {one.user for one in await unanswered_portion(connection, review.id, day.date, PORTION)}
    await lock_users(connection, users)
    items = await unanswered_portion(connection, review.id, day.date, PORTION)
    await _settle(day, connection, review, items)
    if len(items) < PORTION:
        await _close(day, connection, review)
    suspended = {one.user for one in items if _outcome(review, one) == "suspended"}
    if suspended:
        await raise_versions(connection, suspended)
    return str(review.id)


async def _settle(day: Day, connection: Connection, review: OverdueReview, items: Sequence[UnansweredItem]) -> None:
    comment = f"Nobody answered for it in the access review that was due on {review.due_on.isoformat()}."
    outcomes = [(one, _outcome(review, one)) for one in items]
    await settle(connection, [(one.id, outcome) for one, outcome in outcomes], comment, day.gateway.now())
    suspended = [one for one, outcome in outcomes if outcome == "suspended"]
    orders = [MailOrder("account-suspended", one.user, {"organization": one.organization}) for one in suspended]
    await queue_mails(connection, review.id, orders)
    await record_many(connection, [_event(review, one) for one in suspended])


def _outcome(review: OverdueReview, one: UnansweredItem) -> str:
    if not one.counts:
        return "gone"
    return "suspended" if one.active and review.unanswered is Unanswered.SUSPEND else "left"


def _event(review: OverdueReview, one: UnansweredItem) -> AuditEvent:
    return AuditEvent(
        ACTION, "role_assignment", str(one.assignment), rule="S1-27", reason="unanswered",
        before={"user": str(one.user), "status": "active"},
        after={"status": "suspended", "review": str(review.id), "organization": str(one.organization)},
    )  # fmt: skip


async def _close(day: Day, connection: Connection, review: OverdueReview) -> None:
    await close_review(connection, review.id, day.gateway.now())
    answered, unanswered = await count_answers(connection, review.id)
    notice = "suspended" if review.unanswered is Unanswered.SUSPEND else "left"
    values = {
        "notice": notice, "organization": review.organization, "due_on": review.due_on, "answered": answered,
        "unanswered": unanswered,
    }  # fmt: skip
    await queue_mails(connection, review.id, [MailOrder("review-closed", review.started_by, values)])
    after = {"organization": str(review.organization), "answered": answered, "unanswered": unanswered}
    await record(connection, AuditEvent(ACTION, "access_review", str(review.id), rule="S1-27", after=after))
