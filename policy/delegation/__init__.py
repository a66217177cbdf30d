"""Delegation: who may give, change and take roles, and who may touch another person's account."""

from policy.delegation.authority import Authority, authority_of
from policy.delegation.files import Replacement, RowOutcome, may_replace, replaced_by
from policy.delegation.identity import IdentityOperation, may_change_identity, may_resend
from policy.delegation.primary import Coordinator, becomes_primary, may_designate, successor, too_many
from policy.delegation.ranks import Height, height_of, rank_of
from policy.delegation.records import Actor, Opening, Proposal, Recipient, Refusal, Seats, Verdict
from policy.delegation.roles import (
    assignable_roles,
    cautions,
    may_assign,
    may_remove,
    may_suspend,
    may_update,
    past_day,
)
from policy.delegation.suspension import Author, Suspension, may_lift, suspendable

__all__ = [
    "Actor",
    "Author",
    "Authority",
    "Coordinator",
    "Height",
    "IdentityOperation",
    "Opening",
    "Proposal",
    "Recipient",
    "Refusal",
    "Replacement",
    "RowOutcome",
    "Seats",
    "Suspension",
    "Verdict",
    "assignable_roles",
    "authority_of",
    "becomes_primary",
    "cautions",
    "height_of",
    "may_assign",
    "may_change_identity",
    "may_designate",
    "may_lift",
    "may_remove",
    "may_replace",
    "may_resend",
    "may_suspend",
    "may_update",
    "past_day",
    "rank_of",
    "replaced_by",
    "successor",
    "suspendable",
    "too_many",
]
