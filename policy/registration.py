"""Registering oneself for a role (S1-03): which role that is, who lists domains for it, and what stands against it."""

from typing import Final

from policy.delegation.held import beside
from policy.delegation.records import Actor, Refusal, Verdict, refuse
from policy.facts import AssignmentStatus, Level, Organization, Person
from policy.ids import ProgramCode, SchoolYear
from policy.pack import Pack, Role
from policy.packs import Packs

PUBLIC_MAIL: Final = frozenset(
    {
        "aol.com", "comcast.net", "gmail.com", "gmx.com", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com",
        "live.com", "mail.com", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "yahoo.com",
        "yandex.com", "zoho.com",
    }
)  # fmt: skip
"""Domains where anybody gets an address: no LEA's own."""


def self_registered_role(pack: Pack) -> Role | None:
    """The role of the pack that people register for themselves, at their LEA; nothing may be asked for it first."""
    found = [role for role in pack.roles.values() if role.self_registration]
    fitting = [one for one in found if Level.LEA in one.levels and not one.forms and not one.credential]
    return fitting[0] if len(found) == len(fitting) == 1 else None


def may_list_domain(actor: Actor, where: Organization, program: ProgramCode) -> Verdict:
    """Whether the actor is the LEA's primary coordinator of the program now."""
    giving = {
        grant.assignment
        for permission in actor.permissions
        for grant in actor.access.of(permission)
        if grant.current and not grant.every_program
    }
    for held in actor.access.effective:
        if held.primary and held.program == program and held.organization.id == where.id and held.id in giving:
            return Verdict(held)
    return refuse(
        "organization", "NOT_PRIMARY", "S1-03",
        "Domains are listed by the primary coordinator of the LEA in that program.", "Ask her or him.",
    )  # fmt: skip


def against_registering(
    person: Person, role: Role, where: Organization, pack: Pack, year: SchoolYear, packs: Packs
) -> Refusal | None:
    """Why somebody with an account doesn't get the role beside what she holds; None: she does."""
    held = [
        one
        for one in person.assignments
        if (one.program, one.school_year) == (pack.program, year) and one.status is not AssignmentStatus.EXPIRED
    ]
    return next(iter(beside(held, role, where.id, pack, packs)), None)
