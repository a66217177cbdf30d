"""Who proposes an LEA's identity provider: its superintendent and its primary coordinators; the state confirms."""

from collections.abc import Collection

from policy.delegation.records import Actor, Verdict, refuse
from policy.facts import Level, Organization
from policy.ids import Permission

RULE = "identity-providers"


def may_propose_provider(actor: Actor, where: Organization, of_heads: Collection[Permission]) -> Verdict:
    """Whether the actor holds, now and at the LEA itself, a primary role that gives one of the change's permissions,
    or a role that gives one of those that only heads of an LEA have (`of_heads`).

    Whoever decides how people of the LEA prove themselves decides for all of its programs, so additional coordinators
    and those of its schools don't.
    """
    if where.level is not Level.LEA or not where.active:
        return refuse(
            "organization", "WRONG_LEVEL", RULE, "An identity provider is an LEA's, of one that is open.",
            "Choose the LEA.",
        )  # fmt: skip
    giving = {
        grant.assignment: grant.permission in of_heads
        for permission in sorted(actor.permissions, key=lambda one: one in of_heads)
        for grant in actor.access.of(permission)
        if grant.current and not grant.every_program
    }
    for held in actor.access.effective:
        if held.organization.id == where.id and held.id in giving and (held.primary or giving[held.id]):
            return Verdict(held)
    return refuse(
        "organization", "NOT_HEAD", RULE,
        "The identity provider of an LEA is named by its superintendent or a primary coordinator.", "Ask one of them.",
    )  # fmt: skip
