"""The gates between an assignment and its access: each condition with its reason, its words and what opens it.

`policy.grants.access_of` knows no other conditions than those in these tables, and `policy.explain` reads the same
tables: a gate can't be added without saying why it is shut and who can open it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy.facts import Assignment, AssignmentStatus, Person, UserStatus, Years
from policy.grant import Grant
from policy.ids import SchoolYear, System, system_of
from policy.pack import GrantSpec, Pack, Reach, Role, RosterHolder
from policy.packs import Packs
from policy.reasons import MissingStep, Reason, StepKind

OWN_SYSTEM = System("hallpass")
"""The gateway's own administration: all that an upcoming assignment gives (decisions: years)."""


class Gate(StrEnum):
    """Everything that may stand between a role and the answer to a question, in the order in which it is looked at."""

    ROLE_UNKNOWN = "role-unknown"
    EXPIRED = "expired"
    LAST_DAY = "last-day"
    LEVEL = "level"
    SCHOOL_YEAR = "school-year"
    ACCOUNT_SUSPENDED = "account-suspended"
    ASSIGNMENT_SUSPENDED = "assignment-suspended"
    ORGANIZATION_CLOSED = "organization-closed"
    INVITED = "invited"
    ACCOUNT_INACTIVE = "account-inactive"
    FORMS = "forms"
    CREDENTIAL = "credential"
    SECOND_STEP = "second-step"
    NOT_YET = "not-yet"
    ROSTER = "roster"
    ACTIVE_ROLE = "active-role"
    ACTIVE_PLACE = "active-place"
    RELYING_PARTY = "relying-party"
    NOT_GIVEN = "not-given"
    OTHER_PROGRAM = "other-program"
    OTHER_YEAR = "other-year"
    OTHER_KIND = "other-kind"
    OTHER_REPORT = "other-report"
    NOT_HERE = "not-here"
    NOT_THIS_PERSON = "not-this-person"
    NOT_ASSIGNED = "not-assigned"
    ONLY_HERSELF = "only-herself"
    RULE = "against-a-rule"


@dataclass(frozen=True, slots=True)
class Standing:
    """An assignment of a role that its pack knows, in front of the gates. `today` is the state's date."""

    person: Person
    assignment: Assignment
    pack: Pack
    role: Role
    years: Years
    today: date
    year: SchoolYear | None
    """The year that it is held in; None for packs that are not tied to one."""
    upcoming: bool
    """Held for the open upcoming year, of which it gives the administration alone."""

    @property
    def ahead(self) -> SchoolYear | None:
        """The open upcoming year that a current assignment may reach into."""
        if self.upcoming or self.pack.from_year is None:
            return None
        return self.years.upcoming.get(self.assignment.program)


def stand(person: Person, assignment: Assignment, packs: Packs, years: Years, today: date) -> Standing | None:
    """None: no pack of that year knows the role (`Gate.ROLE_UNKNOWN`)."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None:
        return None
    year = None if pack.from_year is None else assignment.school_year
    current, ahead = years.current.get(assignment.program), years.upcoming.get(assignment.program)
    upcoming = year is not None and year == ahead and year != current
    return Standing(person, assignment, pack, role, years, today, year, upcoming)


def _no_steps(_: Standing) -> tuple[MissingStep, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class AssignmentGate:
    """A condition on the whole assignment. `why` says what is so, `remedy` what opens it and who can."""

    gate: Gate
    reason: Reason
    shut: Callable[[Standing], bool]
    why: Callable[[Standing], str]
    remedy: str
    steps: Callable[[Standing], tuple[MissingStep, ...]] = _no_steps


@dataclass(frozen=True, slots=True)
class SpecGate:
    """A condition on one permission of the role, before it becomes a grant, for the assignments that it concerns."""

    gate: Gate
    reason: Reason
    concerns: Callable[[Standing], bool]
    shut: Callable[[GrantSpec], bool]
    why: Callable[[Standing], str]
    remedy: str


@dataclass(frozen=True, slots=True)
class GrantGate:
    """A condition on one grant; shut, the grant is withheld."""

    gate: Gate
    reason: Reason
    shut: Callable[[Grant], bool]
    why: Callable[[Standing], str]
    remedy: str
    steps: tuple[MissingStep, ...]


def missing_forms(standing: Standing) -> tuple[MissingStep, ...]:
    """The forms that the role asks for and that aren't signed for its year."""
    if not standing.role.forms:
        return ()
    one = standing.assignment
    signed = {
        form.form
        for form in standing.person.forms
        if form.program == one.program and form.school_year == one.school_year
    }
    return tuple(MissingStep(StepKind.FORM, slug) for slug in standing.role.forms if slug not in signed)


def _lacks_credential(standing: Standing) -> bool:
    """S1-19: recorded in that LEA, and good today."""
    lea = standing.assignment.organization.lea
    return standing.role.credential and not any(
        one.lea == lea and one.expires_on >= standing.today for one in standing.person.credentials
    )


def _of_another_year(standing: Standing) -> bool:
    if standing.pack.from_year is None or standing.upcoming:
        return False
    return standing.assignment.school_year != standing.years.current.get(standing.assignment.program)


def _is_over(standing: Standing) -> bool:
    last = standing.assignment.last_day
    return last is not None and last < standing.today


def _is_inactive(standing: Standing) -> bool:
    return standing.person.status in (UserStatus.INACTIVE, UserStatus.DELETED)


def _forms_in_words(standing: Standing) -> str:
    forms = standing.pack.forms
    labels = [forms[one.name].label if one.name in forms else one.name for one in missing_forms(standing)]
    year = f" for {standing.year}" if standing.year else ""
    return f"Not signed{year}: {', '.join(labels)}."


def lacks_roster(grant: Grant) -> bool:
    """S0-33: where the gateway keeps the groups, none assigned means that nothing is seen."""
    return grant.reach is Reach.ROSTER and grant.rosters is RosterHolder.GATEWAY and not grant.groups


UNKNOWN_ROLE_REMEDY = "A coordinator gives a role of this year in its place."
_NEW_ROLE = "Whoever may assign the role gives it again."

COUNTING: tuple[AssignmentGate, ...] = (
    AssignmentGate(
        Gate.EXPIRED, Reason.NO_ASSIGNMENT,
        lambda s: s.assignment.status is AssignmentStatus.EXPIRED,
        lambda s: f"The role has expired: its school year{f' {s.year}' if s.year else ''} is closed.", _NEW_ROLE,
    ),
    AssignmentGate(
        Gate.LAST_DAY, Reason.NO_ASSIGNMENT, _is_over,
        lambda s: f"The role's last day was {s.assignment.last_day}.", _NEW_ROLE,
    ),
    AssignmentGate(
        Gate.LEVEL, Reason.NO_ASSIGNMENT,
        lambda s: s.assignment.organization.level not in s.role.levels,
        lambda s: f"{s.role.label} is held at {' or '.join(sorted(s.role.levels))} level, and this is a "
        f"{s.assignment.organization.level}.",
        "Whoever may assign the role gives it at an organization of that level.",
    ),
    AssignmentGate(
        Gate.SCHOOL_YEAR, Reason.NO_ASSIGNMENT, _of_another_year,
        lambda s: f"The role is of {s.assignment.school_year or 'no year'}, which is neither the current nor the open "
        "upcoming year.",
        "Whoever may assign the role gives it for the current year.",
    ),
)  # fmt: skip
"""Shut, the assignment is none that could give anything: it doesn't come into question at all."""

OBSTACLES: tuple[AssignmentGate, ...] = (
    AssignmentGate(
        Gate.ACCOUNT_SUSPENDED, Reason.SUSPENDED,
        lambda s: s.person.status is UserStatus.SUSPENDED,
        lambda s: "The account is suspended.",
        "Whoever suspended it, somebody above over the same organizations, or the state lifts the suspension.",
    ),
    AssignmentGate(
        Gate.ASSIGNMENT_SUSPENDED, Reason.SUSPENDED,
        lambda s: s.assignment.status is AssignmentStatus.SUSPENDED,
        lambda s: "The role is suspended.",
        "Whoever suspended it, somebody above over the same organization, or the state lifts the suspension.",
    ),
    AssignmentGate(
        Gate.ORGANIZATION_CLOSED, Reason.SUSPENDED,
        lambda s: not s.assignment.organization.active,
        lambda s: "The organization is closed.",
        "Whoever may assign the role gives it at an organization that is open.",
    ),
    AssignmentGate(
        Gate.INVITED, Reason.INACTIVE,
        lambda s: s.person.status is UserStatus.INVITED,
        lambda s: "The invitation hasn't been accepted.",
        "She opens the link that was sent to her; whoever manages her account sends it again.",
        lambda s: (MissingStep(StepKind.ACCOUNT),),
    ),
    AssignmentGate(
        Gate.ACCOUNT_INACTIVE, Reason.INACTIVE, _is_inactive,
        lambda s: "The account is not active.",
        "Whoever manages her account resets it, or gives her a role of this year.",
    ),
    AssignmentGate(
        Gate.FORMS, Reason.STEPS_MISSING, lambda s: bool(s.role.forms) and bool(missing_forms(s)), _forms_in_words,
        "She signs the form herself; nobody can sign for her.", missing_forms,
    ),
    AssignmentGate(
        Gate.CREDENTIAL, Reason.STEPS_MISSING, _lacks_credential,
        lambda s: "No credential or license that is good today is recorded for her in this LEA.",
        "Whoever manages her account in this LEA records number and expiry.",
        lambda s: (MissingStep(StepKind.CREDENTIAL),),
    ),
    AssignmentGate(
        Gate.SECOND_STEP, Reason.STEPS_MISSING,
        lambda s: s.role.second_step and s.person.second_step_missing,
        lambda s: "The role asks for a second step at sign-in, and this session began without one.",
        "She signs in with a second step, and sets one up first where she has none.",
        lambda s: (MissingStep(StepKind.SECOND_STEP),),
    ),
)  # fmt: skip
"""Shut, the assignment is withheld. The first that is shut gives the reason; steps of the same reason add up."""

SPEC_GATES: tuple[SpecGate, ...] = (
    SpecGate(
        Gate.NOT_YET, Reason.NO_ASSIGNMENT,
        lambda s: s.upcoming,
        lambda spec: system_of(spec.permission) != OWN_SYSTEM,
        lambda s: f"The role is for {s.assignment.school_year}; until then it gives that year's administration alone.",
        "It gives this once its school year is the current one; for now a role of the current year is needed.",
    ),
)  # fmt: skip

GRANT_GATES: tuple[GrantGate, ...] = (
    GrantGate(
        Gate.ROSTER, Reason.NO_ROSTER, lacks_roster,
        lambda s: "The role reaches assigned student groups only, and none is assigned to her there.",
        "Whoever manages the student groups there assigns her one.",
        (MissingStep(StepKind.ROSTER),),
    ),
)  # fmt: skip


def counts(standing: Standing) -> bool:
    """Whether the assignment comes into question: of the current or upcoming year, and not over."""
    for gate in COUNTING:  # noqa: SIM110 - each request's access comes through here: a generator costs more than the gates
        if gate.shut(standing):
            return False
    return True


def obstacle(standing: Standing) -> tuple[Reason | None, tuple[MissingStep, ...]]:
    """Why the assignment gives nothing now, with every missing step of that reason; None: nothing is in the way."""
    shut = [gate for gate in OBSTACLES if gate.shut(standing)]
    if not shut:
        return None, ()
    reason = shut[0].reason
    return reason, tuple(step for gate in shut if gate.reason is reason for step in gate.steps(standing))
