"""Bringing an earlier year's role back: what would be given, and why it may not be."""

from dataclasses import dataclass

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.delegation import Actor, Proposal, Recipient, Refusal, Verdict, may_assign
from policy.facts import Organization, Years
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.packs import Packs
from policy.reach import Place, covers


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of an organization's people of earlier years somebody sees; `roles` empty: all of them."""

    roles: frozenset[RoleSlug] = frozenset()


def sight_of(
    caller: PersonCaller, rule: AnyOf, where: Organization, program: ProgramCode, into: SchoolYear
) -> Sight | None:
    """Who sees the people of a program there now sees those of its earlier years as well. None: nobody's are seen.

    `into` is the year in which the caller's own role counts. A relying party's token shows nobody of earlier years.
    """
    if caller.systems is not None:
        return None
    place = Place(where.id, where.level, where.lea, program, into)
    found: list[frozenset[RoleSlug]] = []
    for one in rule:
        for grant in caller.access.of(one.permission) if one.permission is not None else ():
            roles = grant.about_roles
            role = min(roles) if roles else None
            at = Place(place.organization, place.level, place.lea, program, into, role)
            if covers(grant, at):
                found.append(roles)
    if not found:
        return None
    return Sight(frozenset() if any(not roles for roles in found) else frozenset[RoleSlug]().union(*found))


@dataclass(frozen=True, slots=True)
class Since:
    """What has happened to an earlier role or its person since it was given."""

    was_suspended: bool = False
    """At its year's end, or now."""
    readdressed: bool = False
    """Somebody else has changed the person's address, so the account may be in other hands."""


def may_bring_back(
    actor: Actor, recipient: Recipient, proposal: Proposal, since: Since, packs: Packs, years: Years
) -> Verdict:
    """Whether the actor may give the role anew: what she could assign, to whom she gave it, and wasn't suspended."""
    verdict = may_assign(actor, recipient, proposal, packs, years)
    if verdict.refusal is None and since.readdressed:
        refusal = Refusal(
            "assignment", "READDRESSED", "accounts-3",
            "The person's e-mail address has been changed by somebody else since the role was given.",
            "Ask her for her address, and assign the role by it.",
        )  # fmt: skip
        return Verdict(None, refusal)
    if verdict.refusal is None and since.was_suspended:
        refusal = Refusal(
            "assignment", "WAS_SUSPENDED", "accounts-5",
            "The role was suspended when its year ended; bringing it back doesn't lift that.",
            "If it is to be given again, assign it by itself.",
        )  # fmt: skip
        return Verdict(None, refusal)
    return verdict
