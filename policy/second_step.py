"""Which roles count only after a second step at sign-in, and a person's facts in a session that lacks it."""

from dataclasses import replace
from datetime import date
from typing import Final

from policy.caller import PersonCaller
from policy.facts import Person, Years
from policy.grant import Access
from policy.grants import access_of
from policy.packs import Packs
from policy.reasons import StepKind

AAL1: Final = "urn:hallpass:aal1"
"""One factor (NIST SP 800-63B-4 2.1)."""
AAL2: Final = "urn:hallpass:aal2"
"""Two factors, or a passkey that verified its user (NIST SP 800-63B-4 2.2)."""


def lacks_level(acr: str, *, required: bool) -> bool:
    """Whether a session or an authorization of that `acr` had too little for roles that ask for a second step.

    '': none stands behind, as where a system asks about somebody. What is no known level counts as the lowest.
    `required`: the deployment holds roles to their second step.
    """
    return required and acr not in ("", AAL2)


def of_caller(person: Person, caller: PersonCaller, *, required: bool) -> Person:
    """A caller's own facts as her session shows them; anybody else's as they are."""
    mine = person.id == caller.user
    return in_session(person, missing=mine and lacks_level(caller.acr, required=required))


def in_session(person: Person, *, missing: bool) -> Person:
    """The person's facts as they are in a session that lacks the second step, or has it."""
    return replace(person, second_step_missing=missing) if person.second_step_missing != missing else person


def must_have_second_step(person: Person, packs: Packs, years: Years, today: date) -> bool:
    """Whether any role of hers that comes into question today asks for one, signed forms or not."""
    return lacks_second_step(access_of(replace(person, second_step_missing=True), packs, years, today))


def password_may_be_short(*, mandatory: bool, enrolled: bool) -> bool:
    """8 characters instead of 15 (NIST SP 800-63B-4 3.1.1.2): the second factor must be asked for, and be there."""
    return mandatory and enrolled


def lacks_second_step(access: Access) -> bool:
    """Whether a role is held back because the session had no second step."""
    return any(step.kind is StepKind.SECOND_STEP for one in access.withheld for step in one.missing)
