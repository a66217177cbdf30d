"""Which roles would answer a question, where they would be held, what they ask for, and who may give them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from policy.decide import Question, decide
from policy.facts import Assignment, Credential, Level, Organization, Person, SignedForm, UserStatus, Years
from policy.grant import Access, Grant
from policy.grants import access_of
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Assigner, Pack, Reach, Role
from policy.packs import Packs
from policy.question_gates import NARROWING, asks_for
from policy.reach import anchored_at
from policy.reasons import MissingStep, StepKind
from policy.targets import GroupTarget, StudentTarget


@dataclass(frozen=True, slots=True)
class Giver:
    """A role that would give the permission, and who may assign it."""

    program: ProgramCode
    role: RoleSlug
    label: str
    assignable_by: tuple[Assigner, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be answered, and where a role for it may be held.

    Without `places` every role that gives it somewhere is a way: then the answer tells nothing of the target, but
    whether it is reached by student groups (`by_group`), which the asker said herself.
    """

    question: Question
    places: tuple[Organization, ...]
    by_group: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A role that would answer the question, were it held there with every step done.

    `organization` None: where is left open. `steps`: what the role asks of everybody, done already or not.
    """

    program: ProgramCode
    school_year: SchoolYear | None
    role: Role
    organization: Organization | None
    steps: tuple[MissingStep, ...]


_NOBODY = UserId(UUID(int=0))


def givers(question: Question, packs: Packs, years: Years) -> tuple[Giver, ...]:
    """The roles that give what is asked for anywhere, highest first in each program."""
    return tuple(
        Giver(pack.program, role.slug, role.label, role.assignable_by)
        for pack in _packs_asked(question, packs, years)
        for role in sorted(pack.roles.values(), key=lambda role: (role.rank, role.slug))
        if _gives(packs, pack, role, question)
    )


def ways(wanted: Wanted, packs: Packs, years: Years, today: date) -> tuple[Way, ...]:
    """The roles that would answer the question if somebody held them; the narrowest first. No person's facts count."""
    found = [
        way
        for pack in _packs_asked(wanted.question, packs, years)
        for role in pack.roles.values()
        if _gives(packs, pack, role, wanted.question)
        for way in _of_role(pack, role, wanted, packs, years, today)
    ]
    return tuple(sorted(found, key=lambda way: (-way.role.rank, way.program, way.role.slug, _code(way))))


def _of_role(pack: Pack, role: Role, wanted: Wanted, packs: Packs, years: Years, today: date) -> Iterator[Way]:
    year = None if pack.from_year is None else _year_asked(wanted.question, pack.program, years)
    if pack.from_year is not None and year is None:
        return
    for place in _held_at(role, wanted.places):
        supposed = _holder(pack, role, year, place or _anywhere(_highest(role)), today)
        steps = _steps(access_of(supposed, packs, years, today), wanted, role)
        if steps is not None:
            yield Way(pack.program, year, role, place, steps)


def _held_at(role: Role, places: Sequence[Organization]) -> Sequence[Organization | None]:
    """None: where is left open; also for a role of the whole state."""
    here = [one for one in places if one.level in role.levels]
    return [*here, None] if not places or (Level.STATE in role.levels and not here) else here


def _highest(role: Role) -> Level:
    return next(level for level in Level if level in role.levels)


def _steps(access: Access, wanted: Wanted, role: Role) -> tuple[MissingStep, ...] | None:
    """What the role asks for before it answers the question; None: it doesn't answer it at all."""
    asked = tuple(MissingStep(StepKind.FORM, slug) for slug in role.forms)
    asked += (MissingStep(StepKind.CREDENTIAL),) if role.credential else ()
    withheld = (grant for one in access.withheld for grant in one.grants)
    giving = [grant for grant in (*access.grants, *withheld) if _answers(grant, wanted.question)]
    by_group = [grant for grant in giving if grant.reach is Reach.ROSTER]
    if decide(access, wanted.question).allowed if wanted.places else len(giving) > len(by_group):
        return asked
    if any(_would_hold(grant, wanted.question) if wanted.places else wanted.by_group for grant in by_group):
        return (*asked, MissingStep(StepKind.ROSTER))
    return None


def _answers(grant: Grant, question: Question) -> bool:
    return asks_for(question, grant.permission) and not any(gate.shut(grant, question) for gate in NARROWING)


def _would_hold(grant: Grant, question: Question) -> bool:
    """Whether a student group at the grant's place, once assigned, could be what is asked about."""
    target = question.target
    if not isinstance(target, GroupTarget | StudentTarget) or target.place is None:
        return False
    return anchored_at(grant, target.place)


def _holder(pack: Pack, role: Role, year: SchoolYear | None, where: Organization, today: date) -> Person:
    """Somebody who holds the role there, with every step done but a student group."""
    held = SchoolYear(year or "")
    assignment = Assignment(AssignmentId(UUID(int=1)), pack.program, role.slug, where, held, primary=True)
    forms = frozenset(SignedForm(pack.program, slug, held) for slug in role.forms)
    credentials = () if where.lea is None else (Credential(where.lea, today),)
    return Person(_NOBODY, UserStatus.ACTIVE, (assignment,), forms, credentials)


def _anywhere(level: Level) -> Organization:
    lea = None if level is Level.STATE else OrganizationId(UUID(int=2))
    here = lea if level is Level.LEA and lea is not None else OrganizationId(UUID(int=3))
    return Organization(here, level, "", "", lea)


def _gives(packs: Packs, pack: Pack, role: Role, question: Question) -> bool:
    return any(asks_for(question, spec.permission) for _, spec in packs.specs(pack, role.slug))


def _packs_asked(question: Question, packs: Packs, years: Years) -> Iterator[Pack]:
    """The packs whose roles could answer: of the question's program, or all, each in the year that is asked about."""
    for program in packs.programs():
        if question.program is None or program == question.program:
            pack = packs.at(program, _year_asked(question, program, years))
            if pack is not None:
                yield pack


def _year_asked(question: Question, program: ProgramCode, years: Years) -> SchoolYear | None:
    """The open year that a role would be given for: the question's where it is open, else the current one."""
    ahead = years.upcoming.get(program)
    return ahead if ahead is not None and question.school_year == ahead else years.current.get(program)


def _code(way: Way) -> str:
    return way.organization.code if way.organization else ""
