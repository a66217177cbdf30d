"""The primary coordinator: who may designate, who becomes it by itself, how many stand beside (S1-06, S1-08)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from policy.accounts import AccountAction, account_refusal
from policy.delegation.authority import authority_of, place_of
from policy.delegation.records import Actor, Recipient, Refusal, Seats, Verdict, refuse
from policy.delegation.refusals import no_authority, own_assignment, suspended_role
from policy.facts import Assignment, AssignmentStatus, UserStatus
from policy.ids import AssignmentId
from policy.pack import Pack, Role
from policy.packs import Packs


@dataclass(frozen=True, slots=True)
class Coordinator:
    """One holder of a role with a primary holder, of one program, LEA and year. `status`: of the account."""

    assignment: AssignmentId
    assigned_at: datetime
    primary: bool = False
    active: bool = True
    """Whether the assignment itself is active, not suspended."""
    status: UserStatus = UserStatus.ACTIVE


def may_designate(actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs) -> Verdict:
    """Whether the actor may make this coordinator the primary one (S1-06): only who stands above a primary one may."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None or role.primary_rank is None:
        return refuse("assignments", "NO_PRIMARY", "S1-08", "This role has no primary holder.", "Choose a coordinator.")
    giver = authority_of(actor, packs).giver(role, role.primary_rank, place_of(assignment))
    herself = recipient.user == actor.user
    if herself and not (giver is not None and giver.role.stands_in_for == role.slug):
        return Verdict(None, own_assignment("assignments"))
    if assignment.status is not AssignmentStatus.ACTIVE:
        return Verdict(None, suspended_role())
    refusal = account_refusal(recipient.status, AccountAction.RECEIVE_ROLE)
    if refusal is not None:
        return refuse("assignments", refusal.code, refusal.rule, refusal.message, refusal.remedy)
    return Verdict(giver.assignment) if giver else Verdict(None, no_authority(role, pack))


def becomes_primary(role: Role, seats: Seats) -> bool:
    """Whether who is given the role now is its primary holder: the first one, until somebody is designated (S1-08)."""
    return role.primary_rank is not None and not seats.primary


def too_many(role: Role, pack: Pack, seats: Seats | None) -> Refusal | None:
    """Why nobody more may hold the role beside its primary holder; None: somebody may."""
    most = pack.additional_coordinators
    if role.primary_rank is None or seats is None or most is None or not seats.primary or seats.additional < most:
        return None
    return Refusal(
        "role", "TOO_MANY_COORDINATORS", "S1-13", f"Beside the primary {role.label} an LEA has at most {most} more.",
        "Remove one of them first.",
    )  # fmt: skip


def successor(remaining: Iterable[Coordinator]) -> AssignmentId | None:
    """Who becomes primary once the primary one has left: the longest assigned (S1-08), suspended ones never.

    None: there is a primary one still, or nobody whom it could be. Who hasn't accepted her invitation comes after those
    who have.
    """
    every = list(remaining)
    if any(one.primary and one.active for one in every):
        return None
    fit = [one for one in every if one.active and one.status not in (UserStatus.SUSPENDED, UserStatus.DELETED)]
    found = min(
        fit, key=lambda one: (one.status is not UserStatus.ACTIVE, one.assigned_at, one.assignment), default=None
    )
    return found.assignment if found else None
