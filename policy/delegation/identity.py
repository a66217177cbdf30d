"""Who may touch a person's identity: whoever manages every assignment of hers and stands above each (accounts 3)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from policy.accounts import AccountAction, account_refusal
from policy.delegation.authority import Authority, authority_of, place_of
from policy.delegation.ranks import height_of, rank_of
from policy.delegation.records import Actor, Recipient, Refusal, Verdict
from policy.delegation.refusals import not_above, out_of_reach, own_account
from policy.facts import Assignment, AssignmentStatus
from policy.packs import Packs


class IdentityOperation(StrEnum):
    """What is done to the account as a whole, never to one assignment of it."""

    EDIT = "edit"
    """Name, phone and fax."""
    CHANGE_EMAIL = "change-email"
    """For somebody who has lost the old address; her own change needs both addresses and nobody else."""
    RESET_PASSWORD = "reset-password"  # noqa: S105 - an operation
    RESET_SECOND_FACTOR = "reset-second-factor"
    SUSPEND = "suspend"
    DELETE = "delete"


OF_THE_STATE: Final = frozenset(
    {IdentityOperation.CHANGE_EMAIL, IdentityOperation.RESET_PASSWORD, IdentityOperation.RESET_SECOND_FACTOR}
)
"""What the state's help desk does for people who have nobody else (accounts 3, state)."""

_ACTIONS: Final = {
    IdentityOperation.EDIT: AccountAction.EDIT,
    IdentityOperation.CHANGE_EMAIL: AccountAction.CHANGE_EMAIL,
    IdentityOperation.RESET_PASSWORD: AccountAction.RESET,
    IdentityOperation.RESET_SECOND_FACTOR: AccountAction.RESET_SECOND_FACTOR,
    IdentityOperation.SUSPEND: AccountAction.SUSPEND,
    IdentityOperation.DELETE: AccountAction.DELETE,
}


def may_change_identity(actor: Actor, recipient: Recipient, operation: IdentityOperation, packs: Packs) -> Verdict:
    """Whether the actor, with the access of all her roles, may do this to the account.

    Reach is judged before the account's state, so that a refusal tells nothing of an account that isn't hers.
    """
    if recipient.user == actor.user:
        return Verdict(None, own_account())
    found = over_every(authority_of(actor, packs), recipient.assignments, by_state=operation in OF_THE_STATE)
    if not found.allowed:
        return found
    refusal = account_refusal(recipient.status, _ACTIONS[operation])
    if refusal is not None:
        return Verdict(None, Refusal("user", refusal.code, refusal.rule, refusal.message, refusal.remedy))
    return found


def may_resend(actor: Actor, recipient: Recipient, packs: Packs) -> Verdict:
    """Whether the actor may have the invitation sent again: the address stays as it is, so one role is enough."""
    if recipient.user == actor.user:
        return Verdict(None, own_account())
    authority = authority_of(actor, packs)
    found = next(
        (one for held in _counting(recipient.assignments) if (one := _manager(authority, held)) is not None),
        authority.state,
    )
    if found is None:
        return Verdict(None, out_of_reach())
    refusal = account_refusal(recipient.status, AccountAction.RESEND_INVITATION)
    if refusal is not None:
        return Verdict(None, Refusal("user", refusal.code, refusal.rule, refusal.message, refusal.remedy))
    return Verdict(found)


def over_every(authority: Authority, assignments: Iterable[Assignment], *, by_state: bool) -> Verdict:
    """Whether the actor manages each current and upcoming assignment, standing above it, in all programs.

    `by_state`: the state's own staff may as well, over everybody but people of their own level.
    """
    held = _counting(assignments)
    state = authority.state if by_state else None
    if state is not None and all(_is_above(state, one, authority.packs) for one in held):
        return Verdict(state)
    found = managed(authority, held)
    refused = next((one for one in found if not one.allowed), None)
    if refused is not None and state is not None and held:
        return Verdict(None, not_above())
    return refused or found[0]


def managed(authority: Authority, assignments: Iterable[Assignment]) -> list[Verdict]:
    """For each current and upcoming assignment by what the actor manages it; else one refusal.

    Reach comes before rank: who doesn't reach all of it isn't told how high the rest stands.
    """
    held = _counting(assignments)
    if not held:
        return [Verdict(None, _no_assignment())]
    if not all(authority.reaches(place_of(one)) for one in held):
        return [Verdict(None, out_of_reach())]
    managers = [_manager(authority, one) for one in held]
    if any(one is None for one in managers):
        return [Verdict(None, not_above())]
    return [Verdict(one) for one in managers]


def _counting(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """Those of the current and upcoming years, suspended ones included."""
    return tuple(one for one in assignments if one.status is not AssignmentStatus.EXPIRED)


def _manager(authority: Authority, held: Assignment) -> Assignment | None:
    """The actor's assignment that manages this one and stands above its holder; None also for a role nobody knows."""
    pack = authority.packs.at(held.program, held.school_year or None)
    role = pack.roles.get(held.role) if pack else None
    if role is None:
        return None
    found = authority.manager(rank_of(held, role), place_of(held))
    return found.assignment if found else None


def _is_above(own: Assignment, other: Assignment, packs: Packs) -> bool:
    mine, hers = height_of(own, packs), height_of(other, packs)
    return mine is not None and hers is not None and mine.is_above(hers)


def _no_assignment() -> Refusal:
    return Refusal(
        "user", "NO_ROLE", "S0-55", "She has no role of this year, so nobody at an LEA or school manages her account.",
        "Give her a role first, which makes the account active again; else ask the help desk.",
    )  # fmt: skip
