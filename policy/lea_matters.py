"""Who acts for an LEA as a whole, in matters that belong to no program: contacts, SIS credentials, domains."""

from policy.delegation.records import Actor, Verdict, refuse
from policy.facts import Level, Organization
from policy.reach import Place, covers


def may_act_for_lea(actor: Actor, where: Organization, rule: str) -> Verdict:
    """Whether one of the actor's permissions reaches the LEA now. An upcoming role doesn't: it is next year's alone."""
    if where.level is not Level.LEA:
        return refuse("organization", "WRONG_LEVEL", rule, "This is done for an LEA as a whole.", "Choose the LEA.")
    place = Place(where.id, where.level, where.lea)
    for permission in actor.permissions:
        for grant in actor.access.of(permission):
            if grant.current and not grant.every_program and covers(grant, place):
                return Verdict(next((one for one in actor.access.effective if one.id == grant.assignment), None))
    return refuse(
        "organization", "NOT_MANAGED", rule, "Your role doesn't allow this for this LEA.", "Ask its coordinator."
    )  # fmt: skip
