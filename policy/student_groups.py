"""Who may manage a student group and assign it to whom (S0-34, S1-31, S1-40)."""

from collections.abc import Iterator

from policy.delegation.records import Actor, Recipient, Verdict, refuse
from policy.facts import Assignment, AssignmentStatus, Organization
from policy.grant import Grant
from policy.ids import SchoolYear
from policy.pack import Reach
from policy.packs import Packs
from policy.reach import Place, covers


def may_manage_groups(actor: Actor, where: Organization, school_year: SchoolYear) -> Verdict:
    """Whether the actor makes, renames, deletes and assigns the groups of this organization and year."""
    for grant in _managing(actor, where, school_year):
        return Verdict(_held(actor, grant))
    return refuse(
        "organization", "NOT_MANAGED", "S1-40",
        "Your role doesn't manage the student groups of this organization and year.",
        "Ask the coordinator there.",
    )  # fmt: skip


def may_assign_group(
    actor: Actor, recipient: Recipient, where: Organization, school_year: SchoolYear, packs: Packs
) -> Verdict:
    """Whether the actor gives a group of `where` to the person: she must hold a role there that works by groups.

    The role must be of the actor's program and within her reach; nobody gives a group to herself.
    """
    managed = may_manage_groups(actor, where, school_year)
    if managed.refusal is not None:
        return managed
    if recipient.user == actor.user:
        return refuse(
            "users", "OWN_ASSIGNMENT", "delegation-1", "Nobody gives a student group to herself.",
            "Ask another coordinator.",
        )  # fmt: skip
    for grant in _managing(actor, where, school_year):
        for held in recipient.assignments:
            if _works_by_groups(held, grant, where, school_year, packs) and covers(grant, _place(held)):
                return Verdict(_held(actor, grant))
    return refuse(
        "users", "NO_ROSTER_ROLE", "S1-31", "This person holds no role there that works with student groups.",
        "Give her such a role of your program at the group's organization first.",
    )  # fmt: skip


def _managing(actor: Actor, where: Organization, school_year: SchoolYear) -> Iterator[Grant]:
    place = Place(where.id, where.level, where.lea, None, school_year)
    for permission in actor.permissions:
        for grant in actor.access.of(permission):
            if not grant.every_program and covers(grant, place):
                yield grant


def _works_by_groups(
    held: Assignment, grant: Grant, where: Organization, school_year: SchoolYear, packs: Packs
) -> bool:
    if held.status is not AssignmentStatus.ACTIVE or (held.program, held.school_year) != (grant.program, school_year):
        return False
    if held.organization.id not in (where.id, where.lea):
        return False
    pack = packs.at(held.program, held.school_year or None)
    return pack is not None and any(spec.reach is Reach.ROSTER for _, spec in packs.specs(pack, held.role))


def _place(held: Assignment) -> Place:
    where = held.organization
    return Place(where.id, where.level, where.lea, held.program, held.school_year, held.role)


def _held(actor: Actor, grant: Grant) -> Assignment | None:
    return next((one for one in actor.access.effective if one.id == grant.assignment), None)
