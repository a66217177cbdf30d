"""The items of an access review: who may answer each, whether the viewer may, and what was answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.delegation import Actor, Recipient, authority_of
from policy.facts import AssignmentStatus, UserStatus
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, SchoolYear, UserId
from policy.pack import Assigner
from policy.reviews import ReviewAnswer, answerable, answerers, answering_roles, may_answer
from resolvers import access_reviews, programs
from resolvers.access_reviews import ReviewRow, seen_rows
from resolvers.asking import Asking
from resolvers.pages import Listing, page_request
from resolvers.programs import RoleRow
from store.access_review_items import ItemsSought, Mine, ReviewItemRecord, count_items, items_by_ids, page_of_items
from store.access_reviews import AnswererOfYear
from store.records import Page


@dataclass(frozen=True, slots=True)
class ItemsAsked:
    """`mine`: only those that the viewer may answer, or only others. `answered`: only those, or those still open."""

    review: UUID | None
    mine: bool | None = None
    answered: bool | None = None


@dataclass(frozen=True, slots=True)
class AssignerRow:
    """A role whose holders answer; `primary`: only the primary one."""

    role: RoleRow | None
    primary: bool


@dataclass(frozen=True, slots=True)
class ReviewItemRow:
    """`may_answer`: whether the viewer may now, which ends when the review closes."""

    record: ReviewItemRecord
    role: RoleRow | None
    answered_by_roles: list[AssignerRow]
    may_answer: bool

    @property
    def id(self) -> UUID:
        return self.record.id

    @property
    def user(self) -> UserId:
        return self.record.user

    @property
    def person(self) -> UserId:
        return self.record.user

    @property
    def first_name(self) -> str:
        return self.record.first_name

    @property
    def last_name(self) -> str:
        return self.record.last_name

    @property
    def assignment(self) -> AssignmentId:
        return self.record.assignment.id

    @property
    def organization_id(self) -> OrganizationId:
        return self.record.assignment.organization.id

    @property
    def primary(self) -> bool:
        return (self.record.now or self.record.assignment).primary

    @property
    def status(self) -> AssignmentStatus | None:
        return self.record.now.status if self.record.now else None

    @property
    def gone(self) -> bool:
        return self.record.gone

    @property
    def changed(self) -> bool:
        return self.record.changed

    @property
    def suspended_by_review(self) -> bool:
        return self.record.outcome == "suspended"

    @property
    def answer(self) -> ReviewAnswer | None:
        return self.record.answered.answer if self.record.answered else None

    @property
    def reason(self) -> str | None:
        return self.record.answered.reason if self.record.answered else None

    @property
    def answered_by(self) -> UserId | None:
        return self.record.answered.by if self.record.answered else None

    @property
    def answered_under(self) -> str | None:
        return self.record.answered.under if self.record.answered else None

    @property
    def answered_at(self) -> datetime | None:
        return self.record.answered.at if self.record.answered else None


async def page(
    asking: Asking, asked: ItemsAsked, see: AnyOf, answer: AnyOf, first: int | None, after: str | None
) -> Listing[ReviewItemRow]:
    """By name. `see`: the rule of seeing who holds a role, `answer`: that of answering.

    Raises RefusedError NOT_FOUND for a review of which the caller sees nothing.
    """
    review = await access_reviews.by_id(asking, see, asked.review)
    actor = actor_of(asking, answer)
    sought = _sought(asking, asked, review, see, actor)
    request = page_request(first, after)
    found = await asking.reads.run(partial(page_of_items, sought=sought, request=request))
    shown = Page(
        tuple(_row(asking, one, review, actor) for one in found.rows), found.cursors,
        has_next=found.has_next, has_previous=found.has_previous,
    )  # fmt: skip
    return Listing(shown, lambda: asking.reads.run(partial(count_items, sought=sought)))


async def items_of(asking: Asking, ids: Sequence[UUID], see: AnyOf, answer: AnyOf) -> list[ReviewItemRow]:
    """Those of them that the caller sees, in the given order."""
    if not ids:
        return []
    actor = actor_of(asking, answer)
    sought = ItemsSought(seen_rows(asking, see), asking.clock.today, ids=frozenset(ids))
    if actor is not None and authority_of(actor, asking.packs).state is not None:
        years = list(asking.years.current.items())
        sought = replace(sought, answerers=answerers_of(asking, years, actor.permissions))
    found = await asking.reads.run(partial(items_by_ids, sought=sought))
    known = await access_reviews.reviews(asking, see, sorted({one.review for one in found.values()}))
    rows = {key: access_reviews.row_of(asking, one, see) for key, one in known.items()}
    shown = [found[one] for one in ids if one in found and found[one].review in rows]
    return [_row(asking, one, rows[one.review], actor) for one in shown]


def actor_of(asking: Asking, answer: AnyOf) -> Actor | None:
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.systems is not None:
        return None
    return Actor(caller.user, caller.access, permissions_of(answer), caller.roles)


def permissions_of(rule: AnyOf) -> tuple[Permission, ...]:
    return tuple(one.permission for one in rule if one.permission is not None)


def answerers_of(
    asking: Asking, years: Iterable[tuple[ProgramCode, SchoolYear]], permissions: Iterable[Permission]
) -> tuple[AnswererOfYear, ...]:
    """By which roles items of these programs and years are answered."""
    accepted, found = frozenset(permissions), list[AnswererOfYear]()
    for program, year in sorted(set(years)):
        pack = asking.packs.at(program, year)
        if pack is not None:
            found += [AnswererOfYear(program, year, one) for one in answerers(pack, asking.packs, accepted)]
    return tuple(found)


def _sought(asking: Asking, asked: ItemsAsked, review: ReviewRow, see: AnyOf, actor: Actor | None) -> ItemsSought:
    sought = ItemsSought(seen_rows(asking, see), asking.clock.today, review.id, answered=asked.answered)
    if actor is None:
        return sought
    if authority_of(actor, asking.packs).state is not None:
        needed = answerers_of(asking, [(review.program, review.school_year)], actor.permissions)
        sought = replace(sought, answerers=needed)
    if asked.mine is None:
        return sought
    reached = answerable(actor, review.program, review.school_year, asking.packs)
    return replace(sought, mine=Mine(asked.mine, actor.user, reached))


def _row(asking: Asking, one: ReviewItemRecord, review: ReviewRow, actor: Actor | None) -> ReviewItemRow:
    held = one.now or one.assignment
    pack = asking.packs.at(held.program, held.school_year)
    role = pack.roles.get(held.role) if pack else None
    above = answering_roles(pack, role, primary=held.primary) if pack and role else ()
    return ReviewItemRow(
        one,
        programs.role(asking, held.program, held.role, held.school_year),
        [_assigner(asking, held.program, held.school_year, giver) for giver in above],
        actor is not None and review.closed_at is None and _may(asking, one, review, actor),
    )


def _may(asking: Asking, one: ReviewItemRecord, review: ReviewRow, actor: Actor) -> bool:
    if one.now is None or review.record.closing_at is not None:
        return False
    recipient = Recipient(one.user, UserStatus.ACTIVE)
    return may_answer(actor, recipient, one.now, asking.packs, somebody_else=one.somebody_else).allowed


def _assigner(asking: Asking, program: ProgramCode, year: SchoolYear, one: Assigner) -> AssignerRow:
    return AssignerRow(programs.role(asking, program, one.role, year), one.primary)
