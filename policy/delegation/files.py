"""Replacing by file: a row applies where the actor may remove what it replaces and assign what it states (files)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from policy.accounts import AccountAction, account_refusal
from policy.delegation.authority import authority_of
from policy.delegation.comparison import gives_all
from policy.delegation.records import Actor, Proposal, Recipient, Refusal
from policy.delegation.refusals import own_assignment, suspended_role, unknown_role
from policy.delegation.roles import may_assign, may_remove
from policy.facts import Assignment, AssignmentStatus, Organization, UserStatus, Years
from policy.ids import ProgramCode, SchoolYear
from policy.pack import Role
from policy.packs import Packs
from policy.reach import Place


class RowOutcome(StrEnum):
    UNCHANGED = "unchanged"
    """What the row states is stored already: nothing is done, whoever it is about."""
    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a row does. `under`: the actor's assignment that gives; `removed`: what is taken away first.

    `reactivates`: the account is inactive, and the row makes it active again (S0-55).
    """

    outcome: RowOutcome
    under: Assignment | None = None
    removed: tuple[Assignment, ...] = ()
    reactivates: bool = False
    refusal: Refusal | None = None


_Shape = tuple[object, ...]
_KEPT: Final = "rows"
_MOST_SHAPES: Final = 100_000


@dataclass(slots=True)
class _Judged:
    packs: Packs
    years: Years
    rows: dict[_Shape, Replacement] = field(default_factory=dict[_Shape, Replacement])


def replaced_by(recipient: Recipient, new: Proposal, packs: Packs) -> tuple[Assignment, ...]:
    """What a row of a replacing format takes the place of: her roles at that organization, program and year (S0-39).

    A superintendent stays one; an addition stays beside a role that doesn't give what it gives (S1-25).
    """
    pack = packs.at(new.program, new.school_year)
    role = pack.roles.get(new.role) if pack else None
    if pack is None:
        return ()
    found: list[Assignment] = []
    for one in recipient.assignments:
        if not _is_at(one, new):
            continue
        held = pack.roles.get(one.role)
        if held is None or held.derived:
            continue
        if held.addition and role is not None and role.slug != held.slug and not gives_all(role, held, pack, packs):
            continue
        found.append(one)
    return tuple(found)


def may_replace(
    actor: Actor, recipient: Recipient, old: Sequence[Assignment], new: Proposal | None, packs: Packs, years: Years
) -> Replacement:
    """What becomes of a row that takes `old` away (none: it adds) and gives `new` (None: it removes).

    The place is judged first: outside of the actor's reach nothing is told of what is stored there. Rows of the same
    shape are judged once for each actor, so that a file of a hundred thousand costs as many look-ups.
    """
    judged = _judged(actor, packs, years)
    key = _shape(actor, recipient, old, new)
    found = judged.get(key)
    if found is None:
        if len(judged) >= _MOST_SHAPES:
            judged.clear()
        found = judged[key] = _judge(actor, recipient, old, new, packs, years)
    return replace(found, removed=tuple(old)) if found.removed else found


def _judged(actor: Actor, packs: Packs, years: Years) -> dict[_Shape, Replacement]:
    """What the actor's rows were found to do under these packs and years."""
    kept = actor.kept.get(_KEPT)
    if not isinstance(kept, _Judged) or kept.packs is not packs or kept.years is not years:
        kept = actor.kept[_KEPT] = _Judged(packs, years)
    return kept.rows


def _shape(actor: Actor, recipient: Recipient, old: Sequence[Assignment], new: Proposal | None) -> _Shape:
    """All that a row's outcome depends on, but for who she is."""
    return (
        None if new is None else (new.program, new.role, new.organization.id, new.school_year),
        recipient.status,
        recipient.user is not None and recipient.user == actor.user,
        tuple([_said(one) for one in recipient.assignments]),
        tuple([_said(one) for one in old]),
    )


def _said(one: Assignment) -> _Shape:
    return one.program, one.role, one.organization.id, one.school_year, one.status, one.primary


def _judge(
    actor: Actor, recipient: Recipient, old: Sequence[Assignment], new: Proposal | None, packs: Packs, years: Years
) -> Replacement:
    refusal = _out_of_place(actor, old, new, packs)
    if refusal is not None:
        return _refused(refusal)
    about = account_refusal(recipient.status, AccountAction.FILE_ROW)
    if about is not None:
        return _refused(Refusal("user", about.code, about.rule, about.message, about.remedy))
    if any(one.status is AssignmentStatus.SUSPENDED for one in old):
        return _refused(suspended_role("role"))
    if new is not None and _states_what_is_stored(recipient, old, new):
        return Replacement(RowOutcome.UNCHANGED)
    if recipient.user is not None and recipient.user == actor.user:
        return _refused(own_assignment("user"))
    return _changed(actor, recipient, tuple(old), new, packs, years)


def _changed(
    actor: Actor, recipient: Recipient, old: tuple[Assignment, ...], new: Proposal | None, packs: Packs, years: Years
) -> Replacement:
    taken: Assignment | None = None
    for one in old:
        refusal = _never_by_file(packs.role(one.program, one.role, one.school_year or None))
        verdict = may_remove(actor, recipient, one, packs)
        if refusal is not None or verdict.refusal is not None:
            return _refused(refusal or _of_field(verdict.refusal, "role"))
        taken = verdict.under
    if new is None:
        return Replacement(RowOutcome.REMOVE, taken, old) if old else Replacement(RowOutcome.UNCHANGED)
    refusal = _never_by_file(packs.role(new.program, new.role, new.school_year))
    if refusal is not None:
        return _refused(refusal)
    gone = {one.id for one in old}
    left = tuple(one for one in recipient.assignments if one.id not in gone) if gone else recipient.assignments
    verdict = may_assign(actor, replace(recipient, assignments=left), new, packs, years)
    if verdict.refusal is not None:
        return _refused(verdict.refusal)
    outcome = RowOutcome.REPLACE if old else RowOutcome.ADD
    return Replacement(outcome, verdict.under, old, reactivates=recipient.status is UserStatus.INACTIVE)


def _out_of_place(actor: Actor, old: Sequence[Assignment], new: Proposal | None, packs: Packs) -> Refusal | None:
    authority = authority_of(actor, packs)
    places = [(one.organization, one.program, one.school_year) for one in old]
    if new is not None:
        places.append((new.organization, new.program, new.school_year))
    if all(authority.reaches(_place(*one)) for one in places):
        return None
    return Refusal(
        "organization", "NOT_WITHIN_REACH", "S0-42", "The row's organization, program or year isn't yours.",
        "Leave the row out; whoever manages that organization uploads it.",
    )  # fmt: skip


def _place(where: Organization, program: ProgramCode, year: SchoolYear) -> Place:
    return Place(where.id, where.level, where.lea, program, year)


def _states_what_is_stored(recipient: Recipient, old: Sequence[Assignment], new: Proposal) -> bool:
    """An inactive account isn't: the row makes it active again, which needs the authority to give the role."""
    if recipient.status is UserStatus.INACTIVE or any(not _is_at(one, new) or one.role != new.role for one in old):
        return False
    return any(one.role == new.role and _is_at(one, new) for one in (*old, *recipient.assignments))


def _is_at(one: Assignment, new: Proposal) -> bool:
    return (
        one.organization.id == new.organization.id
        and one.program == new.program
        and one.school_year == new.school_year
        and one.status is not AssignmentStatus.EXPIRED
    )


def _never_by_file(role: Role | None) -> Refusal | None:
    if role is None:
        return unknown_role("role")
    if not role.derived and role.primary_rank is None:
        return None
    who = "The superintendent or the primary coordinator does it on the page." if not role.derived else "Leave it out."
    return Refusal("role", "NEVER_BY_FILE", "files", f"{role.label} is never given, changed or taken by file.", who)


def _of_field(refusal: Refusal | None, field: str) -> Refusal | None:
    return None if refusal is None else replace(refusal, field=field)


def _refused(refusal: Refusal | None) -> Replacement:
    return Replacement(RowOutcome.REFUSED, refusal=refusal)
