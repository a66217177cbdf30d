"""Access reviews: who may start one, who answers for whom, and what that reaches as data (S1-27)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from policy.delegation import Actor, Recipient, Refusal, Verdict, authority_of, may_remove
from policy.delegation.refusals import suspended_role
from policy.facts import Assignment, AssignmentStatus, Level, Organization
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear
from policy.pack import Assigner, Pack, Reach, Role
from policy.packs import Packs
from policy.reach import Range, range_of
from policy.stand_ins import standing_in

DUE_MARKS: Final = (7, 1)
"""Days before the last day of a review on which those who have open items are written to."""
_PLACES: Final = frozenset({Reach.STATE, Reach.LEA, Reach.SCHOOLS, Reach.SITE})


class Unanswered(StrEnum):
    """What happens to what nobody has answered when the review closes."""

    SUSPEND = "suspend"
    KEEP = "keep"


class ReviewAnswer(StrEnum):
    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Answerer:
    """A role whose holder may answer items of a role, as far as `reach` goes from where she holds it.

    `stands_in_for`: she may only while nobody is assigned that role at the same organization (S1-09).
    """

    role: RoleSlug
    primary: bool
    """Whether the item's holder is the primary one."""
    holder: RoleSlug
    holder_primary: bool
    reach: Reach
    stands_in_for: RoleSlug | None = None


@dataclass(frozen=True, slots=True)
class Answerable:
    """The items that an actor may answer, her own apart, as ranges: of primary holders, and of all others."""

    primary: tuple[Range, ...]
    others: tuple[Range, ...]
    state: bool
    """Whether she also answers what nobody at an LEA or school may."""


def may_start(actor: Actor, where: Organization, program: ProgramCode, school_year: SchoolYear) -> Verdict:
    """Whether the actor manages every user of the program there: all roles, the organization and what is below it."""
    wanted = _everything_in(where, program, school_year)
    for permission in actor.permissions:
        for grant in actor.access.of(permission):
            reached = range_of(grant)
            held = next(
                (one for one in actor.access.effective if (one.id, one.role) == (grant.assignment, grant.role)), None
            )
            if reached is not None and held is not None and reached.includes(wanted):
                return Verdict(held)
    return Verdict(None, _not_managed())


def may_answer(
    actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs, *, somebody_else: bool
) -> Verdict:
    """Whether the actor may answer for this assignment: whoever may take it away, so never its holder.

    `somebody_else`: whether anybody but its holder could answer by a role of the program; where nobody could, the
    state does. A suspended one is judged as if it were active.
    """
    judged = replace(assignment, status=AssignmentStatus.ACTIVE) if _is_suspended(assignment) else assignment
    verdict = may_remove(actor, recipient, judged, packs)
    if verdict.allowed:
        return verdict
    state = authority_of(actor, packs).state
    if state is None or recipient.user == actor.user or not _is_open(judged, packs):
        return verdict
    return Verdict(None, _of_the_lea()) if somebody_else else Verdict(state)


def may_answer_with(
    answer: ReviewAnswer,
    actor: Actor,
    recipient: Recipient,
    assignment: Assignment,
    packs: Packs,
    *,
    somebody_else: bool,
) -> Verdict:
    """The same for one answer: what is suspended is never removed, as in removing roles."""
    verdict = may_answer(actor, recipient, assignment, packs, somebody_else=somebody_else)
    if verdict.allowed and answer is ReviewAnswer.REMOVE and _is_suspended(assignment):
        return Verdict(None, suspended_role())
    return verdict


def answerable(actor: Actor, program: ProgramCode, school_year: SchoolYear, packs: Packs) -> Answerable:
    """What `may_answer` allows the actor in that program and year, as data for a row filter."""
    authority = authority_of(actor, packs)
    pack = packs.at(program, school_year)
    roles = [role for role in pack.roles.values() if not role.derived] if pack else []
    primary = [(role, role.primary_rank) for role in roles if role.primary_rank is not None]
    others = [(role, role.rank) for role in roles]
    return Answerable(
        tuple(authority.giving(program, school_year, primary)),
        tuple(authority.giving(program, school_year, others)),
        authority.state is not None,
    )


def answering_roles(pack: Pack, role: Role, *, primary: bool) -> tuple[Assigner, ...]:
    """The roles that stand above a holder of this one and may take it away; none: the state answers."""
    rank = _rank(role, primary=primary)
    found: list[Assigner] = []
    for one in role.assignable_by:
        giver = pack.roles.get(one.role)
        if giver is None:
            continue
        if not one.primary and giver.rank < rank:
            found.append(one)
        elif giver.primary_rank is not None and giver.primary_rank < rank:
            found.append(Assigner(one.role, primary=True))
    return tuple(found)


def answerers(pack: Pack, packs: Packs, permissions: frozenset[Permission]) -> Iterator[Answerer]:
    """By which roles of the pack items are answered at all, those who stand in for somebody included.

    `permissions`: what answering accepts. Who holds such a role, whatever step of hers is still missing, keeps the
    state from answering in her place.
    """
    for role in pack.roles.values():
        for primary in (False, True) if role.primary_rank is not None else (False,):
            for giver in () if role.derived else answering_roles(pack, role, primary=primary):
                yield from _answerers(pack, packs, permissions, role, giver, primary=primary)


def _answerers(
    pack: Pack, packs: Packs, permissions: frozenset[Permission], role: Role, giver: Assigner, *, primary: bool
) -> Iterator[Answerer]:
    reaches = {
        spec.reach
        for _, spec in packs.specs(pack, giver.role)
        if spec.permission in permissions and (not spec.about_roles or role.slug in spec.about_roles)
    }
    for reach in sorted(reaches & _PLACES):
        both = not giver.primary and pack.roles[giver.role].primary_rank is not None
        for holder_primary in (False, True) if both else (giver.primary,):
            yield Answerer(role.slug, primary, giver.role, holder_primary, reach)
        for one in () if giver.primary else standing_in(pack, giver.role):
            yield Answerer(role.slug, primary, one.slug, False, reach, giver.role)


def _rank(role: Role, *, primary: bool) -> int:
    return role.primary_rank if primary and role.primary_rank is not None else role.rank


def _everything_in(where: Organization, program: ProgramCode, school_year: SchoolYear) -> Range:
    match where.level:
        case Level.STATE:
            return Range(program, school_year)
        case Level.LEA:
            return Range(program, school_year, lea=where.id)
        case Level.SCHOOL:
            return Range(program, school_year, lea=where.lea, organization=where.id, schools_only=True)


def _is_suspended(assignment: Assignment) -> bool:
    return assignment.status is AssignmentStatus.SUSPENDED


def _is_open(assignment: Assignment, packs: Packs) -> bool:
    role = packs.role(assignment.program, assignment.role, assignment.school_year or None)
    return role is not None and not role.derived and assignment.status is not AssignmentStatus.EXPIRED


def _not_managed() -> Refusal:
    return Refusal(
        "organization", "NOT_MANAGED", "S1-27", "You don't manage the users of this program at the whole organization.",
        "Start the review of an organization whose users you manage, or ask its coordinator.",
    )  # fmt: skip


def _of_the_lea() -> Refusal:
    return Refusal(
        "items", "ANSWERED_THERE", "S1-27",
        "Somebody at the LEA or school answers for this; the state does only where nobody could.",
        "Ask one of those whom the item names.",
    )  # fmt: skip
