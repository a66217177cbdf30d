"""Who may record a person's credential in an LEA: whoever manages one of her roles there (decisions, accounts 7)."""

from policy.delegation.authority import authority_of, place_of
from policy.delegation.ranks import rank_of
from policy.delegation.records import Actor, Recipient, Verdict, refuse
from policy.facts import AssignmentStatus
from policy.ids import OrganizationId
from policy.packs import Packs


def may_record_credential(actor: Actor, recipient: Recipient, lea: OrganizationId, packs: Packs) -> Verdict:
    """Whether the actor manages, from a rank above, a role that the person holds in that LEA. Never one's own."""
    if recipient.user == actor.user:
        return refuse(
            "user", "OWN_CREDENTIAL", "S1-19", "Nobody records her own credential.",
            "Ask somebody who manages your role.",
        )  # fmt: skip
    authority = authority_of(actor, packs)
    for held in recipient.assignments:
        if held.organization.lea != lea or held.status is AssignmentStatus.EXPIRED:
            continue
        role = packs.role(held.program, held.role, held.school_year or None)
        manager = authority.manager(rank_of(held, role), place_of(held)) if role else None
        if manager is not None:
            return Verdict(manager.assignment)
    return refuse(
        "user", "NOT_MANAGED", "S1-19", "You manage none of this person's roles in that LEA.",
        "Ask a coordinator there who does.",
    )  # fmt: skip
