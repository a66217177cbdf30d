"""What a file's rows would do, by the rules of delegation: one judgement for each kind of rows (decisions, files)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from policy.delegation import Actor, Proposal, Recipient, Refusal, RowOutcome, authority_of, may_replace, replaced_by
from policy.facts import Assignment, AssignmentStatus, Level, Organization, UserStatus, Years
from policy.ids import AssignmentId, OrganizationId, ProgramCode, SchoolYear, UserId
from policy.packs import Packs
from policy.reach import Place
from policy.upload_kinds import Clash, Held, Judgement, Kind, Outcome, RowAction

_SOMEBODY: Final = UserId(UUID(int=1))
"""Stands for any account that isn't the sender's."""
_ELSEWHERE: Final = OrganizationId(UUID(int=2))
_CLASHES: Final[Mapping[Clash, Refusal]] = {
    Clash.TWICE: Refusal(
        "user", "TWICE", "S0-41", "An earlier row says the same about this address and organization.", "Remove the row."
    ),
    Clash.TWO_ROLES: Refusal(
        "role", "TWO_ROLES", "S0-41", "The file gives this address two roles at one organization.",
        "Remove one of these rows, or use another e-mail address for one of the roles.",
    ),
    Clash.TWO_NAMES: Refusal(
        "user", "TWO_NAMES", "files", "Rows of this new address have different names.",
        "One account is one person: give each person an address of her own.",
    ),
    Clash.RELEASED: Refusal(
        "user", "ADDRESS_RELEASED", "accounts-4",
        "Somebody else had this address here less than 24 months ago, so nobody else gets it.",
        "Use another address, or ask the help desk to give it out.",
    ),
}  # fmt: skip
_LEVELS: Final[Mapping[Level, str]] = {Level.STATE: "state", Level.LEA: "LEA", Level.SCHOOL: "school"}
_NOT_ALLOWED: Final = Refusal("role", "NOT_ALLOWED", "files", "No rule allows this.", "Remove the row.")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the kinds of one file are judged by. `organizations`: all that its kinds name."""

    actor: Actor
    program: ProgramCode
    school_year: SchoolYear
    organizations: Mapping[OrganizationId, Organization]
    packs: Packs
    years: Years


def judge(kind: Kind, facts: FileFacts) -> Judgement:
    """Everything that no rule allows is refused; what is stored already stays as it is, whoever says so."""
    if kind.clash is not None and kind.clash is not Clash.RELEASED:
        return _refused(_CLASHES[kind.clash])
    where = facts.organizations.get(kind.organization) if kind.organization else None
    if where is None or not reaches(facts, where):
        return _refused(out_of_reach(kind.level, kind.code))
    held = tuple(_assignment(number, one, facts, where) for number, one in enumerate(kind.held))
    recipient = _recipient(kind, held, facts, where)
    dropped = tuple(one for one, known in zip(held, kind.held, strict=True) if known.dropped)
    if dropped:
        deletion = may_replace(facts.actor, recipient, dropped, None, facts.packs, facts.years)
        if deletion.outcome is RowOutcome.REFUSED:  # so that row is left out, and the role stays
            return _refused(deletion.refusal or _NOT_ALLOWED)
        recipient = _recipient(kind, tuple(one for one in held if one not in dropped), facts, where)
    proposal = Proposal(facts.program, kind.role, where, facts.school_year)
    if kind.action is RowAction.DELETE:
        old, new = tuple(one for one in held if one.role == kind.role), None
    else:
        replacing = kind.action is RowAction.REPLACE
        old, new = replaced_by(recipient, proposal, facts.packs) if replacing else (), proposal
    found = may_replace(facts.actor, recipient, old, new, facts.packs, facts.years)
    if found.outcome is RowOutcome.REFUSED:
        return _refused(found.refusal or _NOT_ALLOWED)
    if found.outcome is RowOutcome.UNCHANGED or found.under is None:
        return Judgement(Outcome.UNCHANGED)
    if kind.clash is not None:
        return _refused(_CLASHES[kind.clash])
    takes = tuple(number for number, one in enumerate(held) if one in found.removed)
    outcome = _outcome(kind, found.outcome, reactivates=found.reactivates)
    taken = tuple(kind.held[number].role for number in takes)
    return Judgement(outcome, found.under.role, gives=new is not None, takes=takes, taken_roles=taken)


def reaches(facts: FileFacts, where: Organization) -> bool:
    """Whether the sender manages people there, in the file's program and year."""
    place = Place(where.id, where.level, where.lea, facts.program, facts.school_year)
    return authority_of(facts.actor, facts.packs).reaches(place)


def out_of_reach(level: Level, code: str) -> Refusal:
    """The same for an organization that doesn't exist and for one that the sender doesn't reach (S0-42)."""
    return Refusal(
        "organization", "NOT_WITHIN_REACH", "S0-42",
        f"There is no {_LEVELS[level]} {code} among those whose people you manage in that program and year.",
        "Correct the code, or leave the row out: whoever manages that organization uploads it.",
    )  # fmt: skip


def _outcome(kind: Kind, found: RowOutcome, *, reactivates: bool) -> Outcome:
    if found is RowOutcome.REMOVE:
        return Outcome.REMOVED
    if kind.status is None:
        return Outcome.CREATED
    if reactivates:
        return Outcome.REACTIVATED
    return Outcome.REPLACED if found is RowOutcome.REPLACE else Outcome.ADDED


def _recipient(kind: Kind, held: tuple[Assignment, ...], facts: FileFacts, where: Organization) -> Recipient:
    user = facts.actor.user if kind.own else None if kind.status is None else _SOMEBODY
    others = _elsewhere(kind, facts, where)
    return Recipient(user, kind.status or UserStatus.INVITED, (*held, *others))


def _elsewhere(kind: Kind, facts: FileFacts, where: Organization) -> Iterator[Assignment]:
    """Of what lies elsewhere the rules look at the role alone."""
    there = replace(where, id=_ELSEWHERE)
    for number, one in enumerate(kind.others, start=len(kind.held)):
        yield _assignment(number, one, facts, there)


def _assignment(number: int, held: Held, facts: FileFacts, where: Organization) -> Assignment:
    return Assignment(
        AssignmentId(UUID(int=number)), facts.program, held.role, where, facts.school_year,
        AssignmentStatus(held.status), held.primary,
    )  # fmt: skip


def _refused(refusal: Refusal) -> Judgement:
    return Judgement(Outcome.REFUSED, refusal=refusal)
