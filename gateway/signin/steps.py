"""The steps that stand between a person's roles and her access, in words that say what to do."""

from dataclasses import dataclass

from gateway.signin.active_role import role_label, stored_role
from policy.grant import Withheld
from policy.packs import Packs
from policy.reasons import MissingStep, Reason, StepKind


@dataclass(frozen=True, slots=True)
class HeldBackRole:
    """A role that would give access, where it is held, and what is missing."""

    label: str
    organization: str
    steps: tuple[str, ...]


def held_back_roles(withheld: tuple[Withheld, ...], packs: Packs) -> list[HeldBackRole]:
    return [HeldBackRole(_label(one, packs), one.assignment.organization.name, _steps(one, packs)) for one in withheld]


def _label(one: Withheld, packs: Packs) -> str:
    return role_label(stored_role(one.assignment.program, one.assignment.role, one.assignment.school_year), packs)


def _steps(one: Withheld, packs: Packs) -> tuple[str, ...]:
    if one.reason is Reason.SUSPENDED:
        return ("The role, or its organization, is suspended: ask your coordinator.",)
    return tuple(_step(step, one, packs) for step in one.missing) or ("Ask your coordinator to make this role active.",)


def _step(step: MissingStep, one: Withheld, packs: Packs) -> str:
    if step.kind is StepKind.FORM:
        pack = packs.at(one.assignment.program, one.assignment.school_year or None)
        form = pack.forms.get(step.name) if pack else None
        return f"Sign the {form.label if form else step.name}."
    return {
        StepKind.ACCOUNT: "Accept your invitation: open the link that was sent to you.",
        StepKind.CREDENTIAL: "A valid credential must be recorded for you: ask your coordinator.",
        StepKind.ROSTER: "A student group must be assigned to you: ask your coordinator.",
        StepKind.SECOND_STEP: "Sign in with a second step, such as a code from an app on your phone.",
    }[step.kind]
