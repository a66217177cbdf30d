"""Suspensions: what an actor may suspend, and who may lift one (accounts 5)."""

from dataclasses import dataclass

from policy.delegation.authority import Authority, authority_of
from policy.delegation.identity import managed, over_every
from policy.delegation.ranks import height_of
from policy.delegation.records import Actor, Recipient, Refusal, Verdict
from policy.delegation.refusals import out_of_reach, own_account
from policy.delegation.roles import may_remove, may_suspend
from policy.facts import Assignment, AssignmentStatus
from policy.ids import AssignmentId, UserId
from policy.packs import Packs


@dataclass(frozen=True, slots=True)
class Author:
    """Who suspended, and the assignment under which she did, as it was then."""

    user: UserId
    under: Assignment


@dataclass(frozen=True, slots=True)
class Suspension:
    """What was suspended and by whom. `whole`: the account; else `assignments` of it.

    `author` None: the state, or the host; then the state alone lifts it. `by_review`: nobody answered for it in an
    access review; then whoever could have answered lifts it (S1-27).
    """

    author: Author | None
    whole: bool
    assignments: frozenset[AssignmentId] = frozenset()
    by_review: bool = False


def suspendable(actor: Actor, recipient: Recipient, packs: Packs) -> tuple[Assignment, ...]:
    """The active assignments that deactivating suspends: those within the actor's reach and below her."""
    return tuple(
        one
        for one in recipient.assignments
        if one.status is AssignmentStatus.ACTIVE and may_suspend(actor, recipient, one, packs).allowed
    )


def may_lift(actor: Actor, recipient: Recipient, suspension: Suspension, packs: Packs) -> Verdict:
    """Whether the actor may lift it: its author, somebody above the author over the same roles, or the state.

    All of it or nothing. The author must still manage what she suspended. Of a whole account, with the access of all
    her roles, every assignment must be managed, as for suspending it.
    """
    if recipient.user == actor.user:
        return Verdict(None, own_account())
    authority = authority_of(actor, packs)
    by_state = over_every(authority, recipient.assignments, by_state=True)
    if by_state.allowed and by_state.under is not None and by_state.under == authority.state:
        return by_state
    found = _over(authority, recipient, suspension)
    refused = next((one for one in found if not one.allowed), None)
    if refused is not None:
        return refused
    author = suspension.author
    if suspension.by_review and not suspension.whole:
        return found[0]
    if author is not None and (author.user == actor.user or all(_is_above(one, author, packs) for one in found)):
        return found[0]
    return Verdict(None, _not_hers())


def _over(authority: Authority, recipient: Recipient, suspension: Suspension) -> list[Verdict]:
    """By what the actor is over each role that is suspended, or why she isn't over one."""
    if suspension.whole:
        return managed(authority, recipient.assignments)
    concerned = [one for one in recipient.assignments if one.id in suspension.assignments]
    if not concerned or len(concerned) != len(suspension.assignments):
        return [Verdict(None, out_of_reach())]
    return [may_remove(authority.actor, recipient, _as_active(one), authority.packs) for one in concerned]


def _as_active(one: Assignment) -> Assignment:
    return Assignment(
        one.id, one.program, one.role, one.organization, one.school_year, AssignmentStatus.ACTIVE, one.primary,
        one.last_day,
    )  # fmt: skip


def _is_above(over: Verdict, author: Author, packs: Packs) -> bool:
    mine = height_of(over.under, packs) if over.under else None
    hers = height_of(author.under, packs)
    return mine is not None and hers is not None and mine.is_above(hers)


def _not_hers() -> Refusal:
    return Refusal(
        "user", "NOT_YOUR_SUSPENSION", "accounts-5", "Somebody else suspended this, who doesn't stand below you.",
        "Ask whoever suspended it, somebody above over the same organizations, or the help desk.",
    )  # fmt: skip
