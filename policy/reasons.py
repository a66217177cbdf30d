"""Reason codes of a decision, and the steps that may stand between an assignment and its access."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a question was answered as it was; the codes that downstream systems are told."""

    GRANTED = "granted"
    NO_ASSIGNMENT = "no-assignment"
    NOT_THIS_ORGANIZATION = "not-this-organization"
    NO_ROSTER = "no-roster"
    STEPS_MISSING = "steps-missing"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    ACTIVE_ROLE_MISSING = "active-role-missing"
    NOT_YOUR_SYSTEM = "not-your-system"
    AGAINST_A_RULE = "against-a-rule"
    """The permission reaches so far, and a rule of the domain forbids this all the same (S0-12, S1-21)."""


class StepKind(StrEnum):
    ACCOUNT = "account"
    """The invitation hasn't been accepted."""
    FORM = "form"
    CREDENTIAL = "credential"
    ROSTER = "roster"
    SECOND_STEP = "second-step"
    """The role asks for a second step at sign-in, and the session had none."""


@dataclass(frozen=True, slots=True, order=True)
class MissingStep:
    """One thing to be done before an assignment gives access; `name` is the form's slug, else empty."""

    kind: StepKind
    name: str = ""
