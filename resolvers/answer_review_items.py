"""answerReviewItem: roles of an access review kept or removed, up to 100 at once, all of them or none (S1-27)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Actor, Recipient, Refusal, Verdict
from policy.facts import Assignment, UserStatus
from policy.ids import AssignmentId
from policy.packs import Packs
from policy.reviews import ReviewAnswer, may_answer_with
from resolvers.access_review_items import answerers_of
from resolvers.access_reviews import seen_rows
from resolvers.asking import Asking
from resolvers.refusals import bad_input
from resolvers.remove_roles import remove
from resolvers.targets import missing
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.access_review_items import ItemsSought, ReviewItemRecord, answer_items, items_by_ids, users_of
from store.access_reviews import lock_open_reviews
from store.assignments import assignments_by_ids
from store.audit import record_many
from store.database import Connection
from store.recipients import lock_users

ACTION = "answerReviewItem"
MOST = 100
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class AnswerAsked:
    items: tuple[UUID | None, ...]
    answer: ReviewAnswer
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """`answered`: the items that have this answer now."""

    answered: list[UUID]
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: AnswerAsked, rule: AnyOf, see: AnyOf) -> AnsweredRow:
    """`see`: the rule of seeing who holds a role. Raises RefusedError NOT_FOUND for an item out of reach."""
    making = change(asking, ACTION, rule)
    if not 1 <= len(asked.items) <= MOST:
        raise bad_input(f"{ACTION} takes 1 to {MOST} items at once, not {len(asked.items)}.")
    if len(asked.reason or "") > LONGEST_REASON:
        raise bad_input(f"The reason has {len(asked.reason or '')} characters, where {LONGEST_REASON} are allowed.")
    ids = list(dict.fromkeys(asked.items))
    known = [one for one in ids if one is not None]
    sought = ItemsSought(seen_rows(asking, see), asking.clock.today, ids=frozenset(known))
    seen = await asking.reads.run(partial(items_by_ids, sought=sought))
    if len(known) != len(ids) or any(one not in seen for one in known):
        raise missing("review item")
    items = [seen[one] for one in known]
    years = {(one.assignment.program, one.assignment.school_year) for one in items}
    sought = replace(sought, answerers=answerers_of(asking, years, making.permissions))
    asked = replace(asked, reason=(asked.reason or "").strip() or None)
    target = Target("access_review", str(items[0].review))
    try:
        await making.carry_out(target, lambda connection: _answer(making, connection, asked, items, sought))
    except RefusedChangeError as refused:
        return AnsweredRow([], refused.errors)
    return AnsweredRow(known, [])


async def _answer(
    making: Change,
    connection: Connection,
    asked: AnswerAsked,
    seen: Sequence[ReviewItemRecord],
    sought: ItemsSought,
) -> None:
    """The reviews are locked before the people, as where a review closes."""
    open_ = await lock_open_reviews(connection, {one.review for one in seen})
    await lock_users(connection, users_of(seen))
    now = await items_by_ids(connection, sought)
    items = [now.get(one.id, one) for one in seen]
    judge = _Judge(making.actor, making.asking.packs, asked.answer, {one.assignment.id: one for one in items})
    errors: list[UserError] = []
    given: dict[UUID, tuple[ReviewItemRecord, Assignment]] = {}
    for index, item in enumerate(items):
        if _stands(item, asked.answer):
            continue
        refusal, under = judge.of(item, is_open=item.review in open_)
        if refusal is not None or under is None:
            errors += [_error(index, refusal)] if refusal else []
            continue
        given[item.id] = item, under
    if errors:
        raise RefusedChangeError(errors)
    await _record(making, connection, asked, given)
    if asked.answer is ReviewAnswer.REMOVE and given:
        wanted = [item.assignment.id for item, _ in given.values()]
        rows = await assignments_by_ids(connection, wanted)
        await remove(making, connection, [rows[one] for one in wanted], asked.reason, judge.removing, "items")


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges each item for one actor, whose authority is worked out once."""

    actor: Actor
    packs: Packs
    answer: ReviewAnswer
    items: Mapping[AssignmentId, ReviewItemRecord]

    def of(self, item: ReviewItemRecord, *, is_open: bool) -> tuple[Refusal | None, Assignment | None]:
        if not is_open:
            return _closed(), None
        if item.now is None:
            return _ended(item), None
        verdict = self.removing(Recipient(item.user, UserStatus.ACTIVE), item.now)
        return verdict.refusal, verdict.under

    def removing(self, recipient: Recipient, held: Assignment) -> Verdict:
        item = self.items[held.id]
        return may_answer_with(self.answer, self.actor, recipient, held, self.packs, somebody_else=item.somebody_else)


async def _record(
    making: Change,
    connection: Connection,
    asked: AnswerAsked,
    given: Mapping[UUID, tuple[ReviewItemRecord, Assignment]],
) -> None:
    under = {item: f"{by.program}/{by.role}" for item, (_, by) in given.items()}
    by, now = making.caller.user, making.asking.clock.now
    await answer_items(connection, under, asked.answer, asked.reason, by, now)
    events = [
        making.event(
            Target("access_review_item", str(item.id)), above,
            before={"answer": item.answered.answer.value} if item.answered else None,
            after={
                "answer": asked.answer.value, "review": str(item.review), "user": str(item.user),
                "assignment": str(item.assignment.id), "organization": str(item.assignment.organization.id),
            },
            personal={item.user: {"reason": asked.reason}} if asked.reason else None,
        )
        for item, above in given.values()
    ]  # fmt: skip
    await record_many(connection, events, making.asking.personal_keys)


def _stands(item: ReviewItemRecord, answer: ReviewAnswer) -> bool:
    """Whether the role was removed by this review, and that is what is asked again."""
    removed = item.answered is not None and item.answered.answer is ReviewAnswer.REMOVE
    return removed and item.now is None and answer is ReviewAnswer.REMOVE


def _error(index: int, refusal: Refusal) -> UserError:
    return replace(user_error(refusal), path=["input", "items", str(index)])


def _closed() -> Refusal:
    return Refusal(
        "items", "REVIEW_CLOSED", "S1-27", "The review is closed: its answers stay as they are.",
        "Change the role itself, or start another review.",
    )  # fmt: skip


def _ended(item: ReviewItemRecord) -> Refusal:
    if item.answered is not None and item.answered.answer is ReviewAnswer.REMOVE:
        return Refusal(
            "items", "REMOVED", "S1-27", "The role was removed, which this answer can't undo.",
            "Assign the role again where it is needed.",
        )  # fmt: skip
    return Refusal(
        "items", "GONE", "S1-27", "The role has ended meanwhile, so there is nothing to answer.", "Reload the list."
    )  # fmt: skip
