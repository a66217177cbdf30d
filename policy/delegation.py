"""Who may give which role to whom, where and in which year: delegation's first rules (decisions, "Who may give")."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy.facts import Assignment, AssignmentStatus, Organization, UserStatus, Years
from policy.grant import Access
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import AccountPolicy, Pack, Role
from policy.packs import Packs
from policy.reach import Place, covers


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the access of her active role; `permissions` are those that the operation accepts."""

    user: UserId
    access: Access
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """The person whose assignments change: all that she holds, in every program and year."""

    user: UserId | None
    """None: an account that doesn't exist yet."""
    status: UserStatus
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A role to be given: which, where, in which year."""

    program: ProgramCode
    role: RoleSlug
    organization: Organization
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class Opening:
    """Where and when some role is to be given, before it is chosen."""

    program: ProgramCode
    organization: Organization
    school_year: SchoolYear

    def proposing(self, role: RoleSlug) -> Proposal:
        return Proposal(self.program, role, self.organization, self.school_year)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the field that is wrong, a code, the rule's number, a sentence, and what to do."""

    field: str
    code: str
    rule: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`under` is the assignment that entitles the actor; None where `refusal` says why not."""

    under: Assignment | None
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


def may_assign(actor: Actor, recipient: Recipient, proposal: Proposal, packs: Packs, years: Years) -> Verdict:
    """Whether the actor may give this role. Everything that no rule allows is refused."""
    pack = packs.at(proposal.program, proposal.school_year)
    role = pack.roles.get(proposal.role) if pack else None
    if pack is None or role is None:
        return _no(
            "role", "UNKNOWN_ROLE", "", "This program has no such role in that year.", "Choose one of its roles."
        )
    for refusal in _of_proposal(role, proposal, years):
        return Verdict(None, refusal)
    if recipient.user is not None and recipient.user == actor.user:
        return _no(
            "user", "OWN_ASSIGNMENT", "", "Nobody changes her own roles.", "Ask somebody who may assign this role."
        )
    under = _authority(actor, pack, role, role.rank, proposal)
    if under is None:
        return Verdict(None, _no_authority(role, pack))
    for refusal in _of_recipient(recipient, role, pack, proposal):
        return Verdict(None, refusal)
    return Verdict(under)


def may_remove(actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs) -> Verdict:
    """Whether the actor may take this away: what she could give, from somebody below her, not from herself."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None:
        return _no("assignments", "UNKNOWN_ROLE", "", "The assignment names no role of that year.", "Ask the state.")
    if recipient.user == actor.user:
        return _no("assignments", "OWN_ASSIGNMENT", "", "Nobody changes her own roles.", "Ask somebody above you.")
    if role.derived:
        return _no(
            "assignments", "DERIVED_ROLE", "S1-04", f"The {role.derived} decides who is {role.label}.",
            f"Have the {role.derived} change it.",
        )  # fmt: skip
    if assignment.status is AssignmentStatus.SUSPENDED:
        return _no(
            "assignments", "SUSPENDED", "", "The role is suspended; removing and giving it anew would lift that.",
            "Have whoever suspended it, or somebody above, lift the suspension first.",
        )  # fmt: skip
    proposal = Proposal(assignment.program, assignment.role, assignment.organization, assignment.school_year)
    under = _authority(actor, pack, role, rank_of(assignment, role), proposal)
    return Verdict(under) if under else Verdict(None, _no_authority(role, pack))


def may_designate(actor: Actor, recipient: Recipient, assignment: Assignment, packs: Packs) -> Verdict:
    """Whether the actor may make this coordinator the primary one (S1-08): only who stands above a primary one may."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None or role.primary_rank is None:
        return _no("assignments", "NO_PRIMARY", "S1-08", "This role has no primary holder.", "Choose a coordinator.")
    if recipient.user == actor.user:
        return _no("assignments", "OWN_ASSIGNMENT", "", "Nobody changes her own roles.", "Ask somebody above you.")
    if assignment.status is not AssignmentStatus.ACTIVE or recipient.status in (
        UserStatus.SUSPENDED,
        UserStatus.DELETED,
    ):
        return _no(
            "assignments", "SUSPENDED", "", "The role or the account is suspended.",
            "Have whoever suspended it, or somebody above, lift the suspension first.",
        )  # fmt: skip
    proposal = Proposal(assignment.program, assignment.role, assignment.organization, assignment.school_year)
    under = _authority(actor, pack, role, role.primary_rank, proposal)
    return Verdict(under) if under else Verdict(None, _no_authority(role, pack))


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


def rank_of(assignment: Assignment, role: Role) -> int:
    """The rank of a holder; the primary one stands higher. Smaller is higher."""
    return role.primary_rank if assignment.primary and role.primary_rank is not None else role.rank


def _of_proposal(role: Role, proposal: Proposal, years: Years) -> Iterator[Refusal]:
    if role.derived:
        yield Refusal(
            "role", "DERIVED_ROLE", "S1-04", f"The {role.derived} decides who is {role.label}.",
            f"Have the {role.derived} change it.",
        )  # fmt: skip
    if proposal.organization.level not in role.levels:
        levels = " or ".join(sorted(role.levels))
        yield Refusal(
            "organization", "WRONG_LEVEL", "S0-29", f"{role.label} is held at {levels} level only.",
            f"Choose an organization of {levels} level.",
        )  # fmt: skip
    if not proposal.organization.active:
        yield Refusal("organization", "CLOSED", "", "The organization is closed.", "Choose one that is open.")
    if proposal.school_year not in (years.current.get(proposal.program), years.upcoming.get(proposal.program)):
        yield Refusal(
            "schoolYear", "YEAR_NOT_OPEN", "S1-12", "Roles are given for the current or the open upcoming year only.",
            "Choose one of these years.",
        )  # fmt: skip


def _authority(actor: Actor, pack: Pack, role: Role, rank: int, proposal: Proposal) -> Assignment | None:
    """The actor's assignment that may give or take the role there: named as assigner, higher in rank, within reach."""
    place = Place(
        proposal.organization.id, proposal.organization.level, proposal.organization.lea,
        proposal.program, proposal.school_year, role.slug,
    )  # fmt: skip
    reaching = {
        grant.assignment
        for permission in actor.permissions
        for grant in actor.access.of(permission)
        if not grant.every_program and covers(grant, place)
    }
    for held in actor.access.effective:
        if held.id not in reaching or held.program != proposal.program:
            continue
        named = any(one.role == held.role and (held.primary or not one.primary) for one in role.assignable_by)
        own = pack.roles.get(held.role)
        if named and own is not None and rank_of(held, own) < rank:
            return held
    return None


def _of_recipient(recipient: Recipient, role: Role, pack: Pack, proposal: Proposal) -> Iterator[Refusal]:
    if recipient.status in (UserStatus.SUSPENDED, UserStatus.DELETED):
        yield Refusal(
            "user", "SUSPENDED", "", "The account is suspended; a new role doesn't lift that.",
            "Ask whoever suspended it, or somebody above.",
        )  # fmt: skip
    held = [
        one
        for one in recipient.assignments
        if one.program == proposal.program
        and one.school_year == proposal.school_year
        and one.status is not AssignmentStatus.EXPIRED
    ]
    for one in held:
        if one.organization.id == proposal.organization.id:
            yield _second_role_here(one, role, pack)
    other = next((one for one in held if one.role != role.slug), None)
    if other is not None and pack.account_policy is AccountPolicy.SINGLE_LEVEL:
        yield Refusal(
            "role", "SINGLE_LEVEL", "S0-10", "In this year an account holds one role, at any number of organizations.",
            "Use another e-mail address for the other role.",
        )  # fmt: skip


def _second_role_here(held: Assignment, role: Role, pack: Pack) -> Refusal:
    if held.role == role.slug:
        return Refusal("role", "ALREADY_HELD", "S0-12", f"She is {role.label} there already.", "Nothing is to be done.")
    label = pack.roles[held.role].label if held.role in pack.roles else held.role
    return Refusal(
        "role", "SECOND_ROLE", "S0-12", f"She is {label} there, and one role of a program is held at one organization.",
        f"Remove {label} first, or keep it.",
    )  # fmt: skip


def _no_authority(role: Role, pack: Pack) -> Refusal:
    givers = [
        f"{'primary ' if one.primary else ''}{pack.roles[one.role].label}"
        for one in role.assignable_by
        if one.role in pack.roles
    ]
    who = " or ".join(givers) if givers else "nobody here"
    return Refusal(
        "role", "NOT_ASSIGNABLE", "S0-30", f"Your role doesn't give {role.label} there; {who} does.",
        "Ask one of them, for this organization, program and year.",
    )  # fmt: skip


def _no(field: str, code: str, rule: str, message: str, remedy: str) -> Verdict:
    return Verdict(None, Refusal(field, code, rule, message, remedy))
