"""Why: every grant that was considered for a question, what is missing, and which roles would give it."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy.decide import Decision, Question, decide
from policy.facts import Assignment
from policy.grant import Access, Grant
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.pack import Assigner
from policy.packs import Packs
from policy.reasons import MissingStep, Reason


@dataclass(frozen=True, slots=True)
class Considered:
    """One grant of the asked permission; `outcome` is granted for those that decide alike, else why it doesn't."""

    grant: Grant
    outcome: Reason
    missing: tuple[MissingStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Giver:
    """A role that would give the permission, and who may assign it."""

    program: ProgramCode
    role: RoleSlug
    label: str
    assignable_by: tuple[Assigner, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    decision: Decision
    considered: tuple[Considered, ...]
    passed_over: tuple[Assignment, ...]
    """Assignments that count but give nothing of the kind."""
    givers: tuple[Giver, ...]


def explain(
    access: Access, question: Question, packs: Packs, school_years: dict[ProgramCode, SchoolYear]
) -> Explanation:
    """The decision with everything that led to it. `school_years`: the year of each program whose roles are named."""
    considered = (*_active(access, question), *_withheld(access, question))
    giving = {one.grant.assignment for one in considered}
    return Explanation(
        decide(access, question),
        considered,
        tuple(one for one in access.effective if one.id not in giving),
        tuple(_givers(question, packs, school_years)),
    )


def _active(access: Access, question: Question) -> Iterator[Considered]:
    if question.permission is None:
        return
    for grant in access.of(question.permission):
        alone = decide(Access(access.user, access.status, (grant,)), question)
        yield Considered(grant, alone.reason)


def _withheld(access: Access, question: Question) -> Iterator[Considered]:
    for one in access.withheld:
        for grant in one.grants:
            if grant.permission == question.permission:
                yield Considered(grant, one.reason, one.missing)


def _givers(question: Question, packs: Packs, school_years: dict[ProgramCode, SchoolYear]) -> Iterator[Giver]:
    for program in packs.programs():
        pack = packs.at(program, school_years.get(program))
        if pack is None or (question.program is not None and program != question.program):
            continue
        for role in sorted(pack.roles.values(), key=lambda role: (role.rank, role.slug)):
            if any(spec.permission == question.permission for _, spec in packs.specs(pack, role.slug)):
                yield Giver(program, role.slug, role.label, role.assignable_by)
