"""Contacts of an LEA: whom the state writes to, without any access (S1-10), and who may name them."""

from enum import StrEnum

from policy.delegation.records import Actor, Verdict, refuse
from policy.facts import Level, Organization
from policy.reach import Place, covers


class ContactKind(StrEnum):
    SPECIAL_EDUCATION = "special-education-coordinator"
    TECHNOLOGY = "technology-coordinator"


def may_edit_contacts(actor: Actor, where: Organization) -> Verdict:
    """Whether the actor names the contacts of this LEA. Programs share them: they give no access in any."""
    if where.level is not Level.LEA:
        return refuse("organization", "WRONG_LEVEL", "S1-10", "Contacts are those of an LEA.", "Choose the LEA.")
    place = Place(where.id, where.level, where.lea)
    for permission in actor.permissions:
        for grant in actor.access.of(permission):
            if not grant.every_program and covers(grant, place):
                return Verdict(next((one for one in actor.access.effective if one.id == grant.assignment), None))
    return refuse(
        "organization", "NOT_MANAGED", "S1-10", "Your role doesn't name the contacts of this LEA.",
        "Ask its superintendent or coordinator.",
    )  # fmt: skip
