"""The gates between an active grant and one question: why a grant of the permission doesn't answer what was asked.

The words tell of the grant and of what the question itself names, never of what lies at its target: what isn't there
and what isn't reached are explained alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

from policy.decide import Question
from policy.gates import Gate
from policy.grant import Grant
from policy.ids import Permission, is_earlier, system_of
from policy.pack import Reach
from policy.reasons import Reason
from policy.targets import SystemTarget, UserTarget


@dataclass(frozen=True, slots=True)
class QuestionGate:
    """A condition on a grant and a question. `why` says what is so, `remedy` what would help."""

    gate: Gate
    reason: Reason
    shut: Callable[[Grant, Question], bool]
    why: Callable[[Grant, Question], str]
    remedy: str


def asks_for(question: Question, permission: Permission) -> bool:
    """Whether the permission is what the question is about; one about a system is about everything in it."""
    if isinstance(question.target, SystemTarget):
        return system_of(permission) == question.target.system
    return permission == question.permission


def _of_another_program(grant: Grant, question: Question) -> bool:
    return question.program is not None and not grant.every_program and grant.program != question.program


def _of_another_year(grant: Grant, question: Question) -> bool:
    asked = question.school_year
    if asked is None:
        return not grant.current
    if grant.school_year is None or grant.school_year == asked:
        return False
    return not (grant.earlier_years and is_earlier(asked, grant.school_year))


def _of_another_kind(grant: Grant, question: Question) -> bool:
    if question.assessment is None:
        return not grant.every_kind
    return bool(grant.assessments) and question.assessment not in grant.assessments


def _of_another_report(grant: Grant, question: Question) -> bool:
    return bool(grant.reports) and question.report not in grant.reports


NARROWING: tuple[QuestionGate, ...] = (
    QuestionGate(
        Gate.OTHER_PROGRAM, Reason.NO_ASSIGNMENT, _of_another_program,
        lambda grant, question: f"The role is of {grant.program}; the question is about {question.program}.",
        "A role of the program that is asked about is needed.",
    ),
    QuestionGate(
        Gate.OTHER_YEAR, Reason.NO_ASSIGNMENT, _of_another_year,
        lambda grant, question: f"The role gives this for {grant.school_year}; the question is about "
        f"{question.school_year or 'the current year'}.",
        "A role of the year that is asked about is needed.",
    ),
    QuestionGate(
        Gate.OTHER_KIND, Reason.NO_ASSIGNMENT, _of_another_kind,
        lambda grant, question: f"The role gives this for {_listed(grant.assessments)} assessments only; the question "
        f"is about {question.assessment or 'every kind'}.",
        "A role that gives it for this kind is needed; or ask about one kind that the role has.",
    ),
    QuestionGate(
        Gate.OTHER_REPORT, Reason.NO_ASSIGNMENT, _of_another_report,
        lambda grant, question: f"The role gives the reports {_listed(grant.reports)} only; the question is about "
        f"{question.report or 'all of them'}.",
        "A role that gives this report is needed.",
    ),
)  # fmt: skip
"""What the question names beside its target, each against the grant."""

_NEAR = "A role that reaches this is needed."
REACHING: tuple[QuestionGate, ...] = (
    QuestionGate(
        Gate.ONLY_HERSELF, Reason.NOT_THIS_ORGANIZATION,
        lambda grant, question: grant.reach is Reach.SELF,
        lambda grant, question: "The role gives this for the person herself only.", _NEAR,
    ),
    QuestionGate(
        Gate.NOT_ASSIGNED, Reason.NO_ROSTER,
        lambda grant, question: grant.reach in (Reach.ROSTER, Reach.ASSIGNED),
        lambda grant, question: f"The role reaches only what is assigned to her at {grant.organization.name}, student "
        "groups or items, and this is none of it.",
        "Whoever manages the student groups there assigns her one, or the downstream system an item.",
    ),
    QuestionGate(
        Gate.NOT_THIS_PERSON, Reason.NOT_THIS_ORGANIZATION,
        lambda grant, question: isinstance(question.target, UserTarget),
        lambda grant, question: f"The role reaches {_about(grant)} with a role of {_programs(grant)} at "
        f"{_where(grant)}; this person isn't known to be one of them.", _NEAR,
    ),
    QuestionGate(
        Gate.NOT_HERE, Reason.NOT_THIS_ORGANIZATION,
        lambda grant, question: True,
        lambda grant, question: f"The role reaches {_where(grant)}, which doesn't include this.", _NEAR,
    ),
)  # fmt: skip
"""How far the grant reaches: the first that fits says why the target isn't inside."""


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names)) or "no"


def _about(grant: Grant) -> str:
    return f"people who are {_listed(frozenset(grant.about_roles))}" if grant.about_roles else "people"


def _programs(grant: Grant) -> str:
    return "any program" if grant.every_program else grant.program


def _where(grant: Grant) -> str:
    name = grant.organization.name
    match grant.reach:
        case Reach.STATE:
            return "the whole state"
        case Reach.LEA:
            return f"{name} and everything below it"
        case Reach.SCHOOLS:
            return f"the schools of {name}, not the LEA itself"
        case _:
            return f"{name} alone"
