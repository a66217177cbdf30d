"""Who may give, change, suspend and take which role: from whom, where and in which year (decisions, delegation)."""

from collections.abc import Iterator
from datetime import date

from policy.accounts import AccountAction, account_refusal
from policy.delegation.authority import Hold, authority_of, place_of
from policy.delegation.held import beside
from policy.delegation.primary import too_many
from policy.delegation.ranks import rank_of
from policy.delegation.records import Actor, Opening, Proposal, Recipient, Refusal, Verdict
from policy.delegation.refusals import derived_role, expired, no_authority, own_assignment, suspended_role, unknown_role
from policy.facts import Assignment, AssignmentStatus, Years
from policy.pack import Pack, Role
from policy.packs import Packs
from policy.reach import Place


def may_assign(actor: Actor, recipient: Recipient, proposal: Proposal, packs: Packs, years: Years) -> Verdict:
    """Whether the actor may give this role. Everything that no rule allows is refused."""
    pack = packs.at(proposal.program, proposal.school_year)
    role = pack.roles.get(proposal.role) if pack else None
    if pack is None or role is None:
        return Verdict(None, unknown_role("role"))
    for refusal in _of_proposal(role, proposal, years):
        return Verdict(None, refusal)
    giver = authority_of(actor, packs).giver(role, role.rank, _place(proposal))
    if recipient.user is not None and recipient.user == actor.user and not _designates_herself(giver, role):
        return Verdict(None, own_assignment("user"))
    if giver is None:
        return Verdict(None, no_authority(role, pack))
    for refusal in _of_giver(actor, giver, role, pack, proposal):
        return Verdict(None, refusal)
    for refusal in _of_recipient(recipient, role, pack, proposal, packs):
        return Verdict(None, refusal)
    return Verdict(giver.assignment)


def may_remove(actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs) -> Verdict:
    """Whether the actor may take this away: what she could give, from somebody below her, not from herself."""
    if assignment.status is AssignmentStatus.SUSPENDED:
        found = _over(actor, recipient, assignment, packs)
        return Verdict(None, suspended_role()) if found.allowed else found
    return _over(actor, recipient, assignment, packs)


def may_suspend(actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs) -> Verdict:
    """Whether the actor may suspend this one role: whoever could take it away may."""
    return may_remove(actor, recipient, assignment, packs)


def may_update(
    actor: Actor, recipient: Recipient, assignment: Assignment, last_day: date | None, packs: Packs, today: date
) -> Verdict:
    """Whether the actor may set this last day; None: to the end of the year. `today` is the state's date."""
    if last_day is not None and last_day < today:
        return Verdict(None, past_day())
    return may_remove(actor, recipient, assignment, packs)


def assignable_roles(
    actor: Actor, recipient: Recipient, where: Opening, packs: Packs, years: Years
) -> tuple[Role, ...]:
    """What a form may offer: the roles that `may_assign` allows, highest first."""
    pack = packs.at(where.program, where.school_year)
    offered = (
        role
        for slug, role in (pack.roles.items() if pack else ())
        if may_assign(actor, recipient, where.proposing(slug), packs, years).allowed
    )
    return tuple(sorted(offered, key=lambda role: (role.rank, role.slug)))


def cautions(role: Role) -> tuple[str, ...]:
    """What a form shows before the role is given (S1-29)."""
    return (role.caution,) if role.caution else ()


def past_day() -> Refusal:
    return Refusal(
        "lastDay", "PAST_DAY", "delegation-1", "The last day is over already.", "Give today or a later day."
    )  # fmt: skip


def _over(actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs) -> Verdict:
    """Whether the actor stands above the holder of this assignment and reaches it."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None:
        return Verdict(None, unknown_role("assignments"))
    if recipient.user == actor.user:
        return Verdict(None, own_assignment("assignments"))
    if role.derived:
        return Verdict(None, derived_role("assignments", role))
    if assignment.status is AssignmentStatus.EXPIRED:
        return Verdict(None, expired())
    giver = authority_of(actor, packs).giver(role, rank_of(assignment, role), place_of(assignment))
    return Verdict(giver.assignment) if giver else Verdict(None, no_authority(role, pack))


def _place(proposal: Proposal) -> Place:
    where = proposal.organization
    return Place(where.id, where.level, where.lea, proposal.program, proposal.school_year, proposal.role)


def _designates_herself(giver: Hold | None, role: Role) -> bool:
    """The one exception: a superintendent may make herself coordinator (delegation 2)."""
    return giver is not None and bool(giver.role.derived) and role.slug == giver.role.stands_in_for


def _of_proposal(role: Role, proposal: Proposal, years: Years) -> Iterator[Refusal]:
    if role.derived:
        yield derived_role("role", role)
    if proposal.organization.level not in role.levels:
        levels = " or ".join(sorted(role.levels))
        yield Refusal(
            "organization", "WRONG_LEVEL", "S0-29", f"{role.label} is held at {levels} level only.",
            f"Choose an organization of {levels} level.",
        )  # fmt: skip
    if not proposal.organization.active:
        yield Refusal("organization", "CLOSED", "years", "The organization is closed.", "Choose one that is open.")
    if proposal.school_year not in (years.current.get(proposal.program), years.upcoming.get(proposal.program)):
        yield Refusal(
            "schoolYear", "YEAR_NOT_OPEN", "S1-12", "Roles are given for the current or the open upcoming year only.",
            "Choose one of these years.",
        )  # fmt: skip


def _of_giver(actor: Actor, giver: Hold, role: Role, pack: Pack, proposal: Proposal) -> Iterator[Refusal]:
    if pack.held_role_not_assignable and role.slug != giver.role.slug and _holds(actor, role, proposal):
        yield Refusal(
            "role", "OWN_ROLE", "S0-11",
            f"You are {role.label} yourself at another organization; in this year nobody gives a role that she holds.",
            f"Ask somebody else who may give {role.label} there.",
        )  # fmt: skip
    refusal = too_many(role, pack, proposal.seats)
    if refusal is not None:
        yield refusal


def _holds(actor: Actor, role: Role, proposal: Proposal) -> bool:
    known = {(one.program, one.role, one.school_year) for one in (*actor.roles, *actor.access.roles())}
    return (proposal.program, role.slug, proposal.school_year) in known


def _of_recipient(recipient: Recipient, role: Role, pack: Pack, proposal: Proposal, packs: Packs) -> Iterator[Refusal]:
    refusal = account_refusal(recipient.status, AccountAction.RECEIVE_ROLE)
    if refusal is not None:
        yield Refusal("user", refusal.code, refusal.rule, refusal.message, refusal.remedy)
    held = [
        one
        for one in recipient.assignments
        if one.program == proposal.program
        and one.school_year == proposal.school_year
        and one.status is not AssignmentStatus.EXPIRED
    ]
    yield from beside(held, role, proposal.organization.id, pack, packs)
