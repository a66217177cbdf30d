"""Why: every role that was looked at for a question, what stands between, and the cells of the sources it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policy.decide import Decision, Question, decide
from policy.facts import Assignment, Person, Years
from policy.gates import (
    COUNTING,
    GRANT_GATES,
    OBSTACLES,
    SPEC_GATES,
    UNKNOWN_ROLE_REMEDY,
    AssignmentGate,
    Gate,
    Standing,
    lacks_roster,
    stand,
)
from policy.grant import Access, ActiveRole, Grant
from policy.grants import grants_from
from policy.pack import Cell, GrantSpec
from policy.packs import Packs
from policy.question_gates import NARROWING, REACHING, asks_for
from policy.reasons import MissingStep, Reason
from policy.stand_ins import held_by
from policy.targets import SystemTarget, UserTarget
from policy.ways import Giver, givers


@dataclass(frozen=True, slots=True)
class Stop:
    """A gate that is shut: what is so, what opens it and who can, and the steps that are missing."""

    gate: Gate
    reason: Reason
    why: str
    remedy: str
    missing: tuple[MissingStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Considered:
    """One grant of the asked permission with the matrix cell that it comes from.

    `stops` empty: it decides, or decides alike. Else `outcome` is the reason of the first.
    """

    grant: Grant
    outcome: Reason
    missing: tuple[MissingStep, ...]
    stops: tuple[Stop, ...]
    cell: Cell


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An assignment without a grant of the kind, why not, and the role's own cells where others are given it."""

    assignment: Assignment
    stops: tuple[Stop, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Whose access is explained: her facts, past assignments included, and the access by which she is judged.

    `access` is what `decide` is asked with: all of it, or what a relying party is told; under each of the `acting`
    roles, where somebody acts under one or the question names one; and at these organizations alone (`level:code`).
    """

    person: Person
    access: Access
    acting: tuple[ActiveRole, ...]
    today: date
    at: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    decision: Decision
    considered: tuple[Considered, ...]
    passed_over: tuple[PassedOver, ...]
    givers: tuple[Giver, ...]


def explain(judged: Judged, question: Question, packs: Packs, years: Years) -> Explanation:
    """The decision with everything that led to it: each of her assignments is considered, or passed over for a reason.

    What decides stands first, then what would once it is let through; the givers are roles of the question's year, or
    of the current one.
    """
    decision = decide(judged.access, question)
    considered: list[Considered] = []
    passed_over: list[PassedOver] = []
    for assignment in held_by(judged.person, packs, judged.today):
        standing = stand(judged.person, assignment, packs, years, judged.today)
        if standing is None:
            passed_over.append(PassedOver(assignment, (_unknown(assignment),), ()))
            continue
        over = tuple(_stop(gate, standing) for gate in COUNTING if gate.shut(standing))
        mine = () if over else tuple(_considered(standing, judged, question, packs, decision))
        considered += mine
        if not mine:
            stops = over or (*_obstacles(standing, judged), _not_given(standing, question))
            passed_over.append(PassedOver(assignment, stops, _cells(standing, question, packs)))
    ordered = sorted(considered, key=lambda one: (one.grant != decision.grant, len(one.stops)))
    return Explanation(decision, tuple(ordered), tuple(passed_over), givers(question, packs, years))


def _narrowing(grant: Grant, question: Question) -> Iterator[Stop]:
    """Where the question names another program, year, kind or report than the grant covers."""
    for gate in NARROWING:
        if gate.shut(grant, question):
            yield Stop(gate.gate, gate.reason, gate.why(grant, question), gate.remedy)


def _considered(
    standing: Standing, judged: Judged, question: Question, packs: Packs, decision: Decision
) -> Iterator[Considered]:
    """Every grant that the assignment gives, or would give, of what is asked for."""
    before = _obstacles(standing, judged)
    for cell, spec in packs.specs(standing.pack, standing.role.slug):
        if not asks_for(question, spec.permission) or not spec.counts_on(judged.today):
            continue
        for grant in grants_from(standing, packs, cell, spec):
            stops = (*before, *_of_grant(standing, spec, grant))
            if not stops and grant not in judged.access.of(grant.permission):
                stops = (_relying_party(),)
            if all(stop.gate is not Gate.NOT_YET for stop in stops):
                stops += tuple(_of_question(grant, standing, judged, question, decision))
            if not stops:
                yield Considered(grant, Reason.GRANTED, (), (), cell)
                continue
            reason = stops[0].reason
            missing = tuple(step for stop in stops if stop.reason is reason for step in stop.missing)
            yield Considered(grant, reason, missing, stops, cell)


def _obstacles(standing: Standing, judged: Judged) -> tuple[Stop, ...]:
    """What is in the way of everything that the assignment gives."""
    shut = (_stop(gate, standing) for gate in OBSTACLES if gate.shut(standing))
    return (*shut, *_narrowed(standing, judged))


def _stop(gate: AssignmentGate, standing: Standing) -> Stop:
    return Stop(gate.gate, gate.reason, gate.why(standing), gate.remedy, gate.steps(standing))


def _of_grant(standing: Standing, spec: GrantSpec, grant: Grant) -> Iterator[Stop]:
    for before in SPEC_GATES:
        if before.concerns(standing) and before.shut(spec):
            yield Stop(before.gate, before.reason, before.why(standing), before.remedy)
            return
    for gate in GRANT_GATES:
        if gate.shut(grant):
            yield Stop(gate.gate, gate.reason, gate.why(standing), gate.remedy, gate.steps)


def _narrowed(standing: Standing, judged: Judged) -> tuple[Stop, ...]:
    """S1-20: one role at a time; and, where she has narrowed it, at the chosen organizations."""
    one = standing.assignment
    held = ActiveRole(one.program, one.role, standing.year or None)
    other = next((role for role in judged.acting if role != held), None)
    if other is not None:
        why = f"Asked for the active role {other.program}/{other.role}; this is another one."
        remedy = "She switches to this role, or the question names it."
        return (Stop(Gate.ACTIVE_ROLE, Reason.NO_ASSIGNMENT, why, remedy),)
    if judged.at is not None and f"{one.organization.level}:{one.organization.code}" not in judged.at:
        why = "Asked for the active role at chosen organizations; this isn't one of them."
        return (Stop(Gate.ACTIVE_PLACE, Reason.NO_ASSIGNMENT, why, "The question names this organization as well."),)
    return ()


def _relying_party() -> Stop:
    why = "The state's own roles don't act through a relying party that is told all roles together."
    return Stop(Gate.RELYING_PARTY, Reason.NO_ASSIGNMENT, why, "She asks in her own session.")


def _of_question(
    grant: Grant, standing: Standing, judged: Judged, question: Question, decision: Decision
) -> Iterator[Stop]:
    """Why the grant, were it active, wouldn't answer: what the question names, else how far it reaches, else a rule."""
    if decision.allowed and grant == decision.grant:
        return
    narrowing = tuple(_narrowing(grant, question))
    if narrowing:
        yield from narrowing
        return
    alone = decide(Access(judged.person.id, judged.person.status, (grant,), (), (standing.assignment,)), question)
    if alone.allowed or lacks_roster(grant) or _helps(grant, judged, question, decision):
        return
    if alone.reason is Reason.AGAINST_A_RULE:
        yield Stop(Gate.RULE, alone.reason, alone.explanation, "The rule says what is possible instead.")
        return
    gate = next(one for one in REACHING if one.shut(grant, question))
    yield Stop(gate.gate, gate.reason, gate.why(grant, question), gate.remedy)


def _helps(grant: Grant, judged: Judged, question: Question, decision: Decision) -> bool:
    """Where every place of a person must be reached, a grant that reaches one of them decides with the others."""
    target = question.target
    if not decision.allowed or not isinstance(target, UserTarget) or not target.every:
        return False
    one = Access(judged.person.id, judged.person.status, (grant,))
    some = Question(
        question.permission, UserTarget(target.user, target.places), question.program, question.school_year,
        question.assessment, question.report,
    )  # fmt: skip
    return decide(one, some).allowed


def _unknown(assignment: Assignment) -> Stop:
    year = f" in {assignment.school_year}" if assignment.school_year else ""
    why = f"No pack knows the role {assignment.program}/{assignment.role}{year}."
    return Stop(Gate.ROLE_UNKNOWN, Reason.NO_ASSIGNMENT, why, UNKNOWN_ROLE_REMEDY)


def _not_given(standing: Standing, question: Question) -> Stop:
    target = question.target
    what = f"anything in {target.system}" if isinstance(target, SystemTarget) else question.permission
    why = f"{standing.role.label} doesn't give {what or 'what is asked for'}."
    return Stop(Gate.NOT_GIVEN, Reason.NO_ASSIGNMENT, why, "A role that gives it is needed.")


def _cells(standing: Standing, question: Question, packs: Packs) -> tuple[Cell, ...]:
    """The role's own cells of the rows in which another role is given what is asked for: where the source denies it."""
    rows = {
        (cell.basis, cell.group, cell.row)
        for cell in standing.pack.cells
        if any(asks_for(question, spec.permission) for spec in cell.grants)
    }
    return tuple(
        cell
        for cell in standing.pack.cells
        if cell.role == standing.role.slug and (cell.basis, cell.group, cell.row) in rows
    )
