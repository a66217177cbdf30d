"""Explanations: a decision with everything that led to it, as far as the asker may see it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.explain import Considered, Explanation, Judged, PassedOver, Stop, explain
from policy.facts import Assignment, Person
from policy.gates import GRANT_GATES, OBSTACLES, Gate
from policy.grant import ActiveRole
from policy.ids import AssignmentId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Cell
from policy.reasons import MissingStep, Reason
from policy.ways import Wanted
from resolvers import assignments, organizations, people, programs, users
from resolvers.asking import Asking
from resolvers.decisions import CheckAsked, DecisionRow, SubjectAccess, asker_of, decision_row, judge_of, one_target
from resolvers.explained_target import TargetSight, wanted_at
from resolvers.givers import NO_HELP, Help, WayRow, doers, named, ways_of
from resolvers.grants import GrantRow, grant_row
from resolvers.programs import CellRow, RoleRow
from resolvers.questions import sought
from store.records import AssignmentRecord, UserRecord

MOST_PAGES = 10
"""Pages of a person's assignments that are read: 1,000 roles."""
MOST_REMEDIES = 20
MENDABLE = frozenset(gate.gate for gate in (*OBSTACLES, *GRANT_GATES)) | {Gate.NOT_ASSIGNED}
"""Gates that somebody can open without giving another role."""
HERSELF = frozenset({Gate.FORMS, Gate.INVITED})


@dataclass(frozen=True, slots=True)
class Frame:
    """The rules by which an explanation is told: who may be asked about, what is seen, and who may help with what."""

    rule: AnyOf
    sight: TargetSight
    give: AnyOf
    """The rule of giving roles."""
    helpers: Mapping[Gate, Permission]
    """The permission of those who can open a gate for her."""


@dataclass(frozen=True, slots=True)
class ConsideredRow:
    grant: GrantRow
    outcome: Reason
    missing: tuple[MissingStep, ...]
    stops: tuple[Stop, ...]
    assignment: AssignmentRecord | None
    cell: CellRow | None


@dataclass(frozen=True, slots=True)
class ExplainedRoleRow:
    """One of her roles, and what became of it."""

    assignment: AssignmentRecord
    outcome: Reason
    stops: tuple[Stop, ...]
    cells: list[CellRow]


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One thing to be done, by herself or by the people of certain roles."""

    stop: Stop
    assignment: AssignmentRecord | None
    by_herself: bool
    roles: list[RoleRow]
    people: list[UserRecord]

    @property
    def gate(self) -> Gate:
        return self.stop.gate

    @property
    def what(self) -> str:
        return f"{self.stop.why} {self.stop.remedy}"

    @property
    def missing(self) -> tuple[MissingStep, ...]:
        return self.stop.missing


@dataclass(frozen=True, slots=True)
class ExplanationRow:
    decision: DecisionRow
    considered: list[ConsideredRow]
    passed_over: list[AssignmentRecord]
    givers: list[RoleRow]
    roles: list[ExplainedRoleRow]
    remedies: list[RemedyRow]
    ways: list[WayRow]


async def explain_one(asking: Asking, check: CheckAsked, frame: Frame) -> ExplanationRow | None:
    """The decision with its reasons; None where the caller may not ask about that person.

    The facts are today's. A past day would bring its own packs, tree and assignments to the same steps.
    """
    one_target(check)
    judge = await judge_of(asker_of(asking, frame.rule), [check])
    judged = judge.judged(check)
    subject = judge.subject(check)
    row = decision_row(asking, judged.decision, judged.version)
    if not isinstance(subject, SubjectAccess):
        return None if subject.reason is Reason.NO_ASSIGNMENT else _bare(row)
    case = await _case(asking, check, frame, subject)
    if case is None:
        return None
    asked = sought(check, judge.told)
    found = explain(case.judged, asked.question, asking.packs, asking.years)
    if found.decision != judged.decision:
        return _bare(row)  # nothing has the id or code, and whoever reaches everything would reach it
    telling = _Telling(asking, frame, case, found)
    if judged.decision.allowed:
        return telling.row(row)
    wanted = await wanted_at(asking, check, asked, frame.sight)
    return await telling.helped(telling.row(row), wanted)


def _bare(row: DecisionRow) -> ExplanationRow:
    return ExplanationRow(row, [], [], [], [], [], [])


@dataclass(frozen=True, slots=True)
class _Case:
    """Whose access is explained, with the records of her assignments that the asker may see."""

    judged: Judged
    records: Mapping[AssignmentId, AssignmentRecord]


async def _case(asking: Asking, check: CheckAsked, frame: Frame, subject: SubjectAccess) -> _Case | None:
    user = subject.access.user
    record, loaded = await asyncio.gather(users.by_id(asking, user), people.person(asking, user))
    if record is None or loaded is None:
        return None
    seen = await _seen(asking, record, frame.sight.assignment)
    records = {one.id: one for one in seen}
    roles = (_active(asking, user), check.acting_as)
    acting = tuple(dict.fromkeys(role for role in roles if role is not None))
    judged_by = {one.id for one in (*subject.access.effective, *(w.assignment for w in subject.access.withheld))}
    current = [one for one in loaded.person.assignments if one.id in records or one.id in judged_by]
    past = await _past(asking, loaded.person, seen)
    person = replace(loaded.person, assignments=(*current, *past))
    return _Case(Judged(person, subject.access, acting, asking.clock.today, check.acting_at), records)


def _active(asking: Asking, user: UserId) -> ActiveRole | None:
    caller = asking.caller
    return caller.active if isinstance(caller, PersonCaller) and caller.user == user else None


async def _seen(asking: Asking, user: UserRecord, rule: AnyOf) -> list[AssignmentRecord]:
    """Every assignment of hers that the asker may see, those of past years included."""
    found: list[AssignmentRecord] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = (await assignments.of_user(asking, user, rule, 100, after)).page
        found += page.rows
        if not page.has_next:
            break
        after = page.cursors[-1]
    return found


async def _past(asking: Asking, person: Person, seen: Sequence[AssignmentRecord]) -> list[Assignment]:
    """Those that no longer come into question, as the core reads them."""
    known = {one.id for one in person.assignments}
    past = [one for one in seen if one.id not in known]
    places = await asyncio.gather(*(organizations.by_id(asking, one.organization_id) for one in past))
    return [
        Assignment(
            one.id, one.program, one.role, where.facts, one.school_year, one.status, one.primary, one.last_day
        )
        for one, where in zip(past, places, strict=True)
        if where is not None
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Telling:
    """One explanation, turned into what the asker is told."""

    asking: Asking
    frame: Frame
    case: _Case
    found: Explanation

    def row(self, decision: DecisionRow) -> ExplanationRow:
        counted = [
            one.assignment.id for one in self.found.passed_over if [stop.gate for stop in one.stops] == [Gate.NOT_GIVEN]
        ]
        records = self.case.records
        return ExplanationRow(
            decision,
            [self._considered(one) for one in self.found.considered],
            [records[one] for one in counted if one in records],
            [row for one in self.found.givers if (row := self._role(one.program, one.role, None)) is not None],
            list(self._roles()),
            [],
            [],
        )

    async def helped(self, told: ExplanationRow, wanted: Wanted) -> ExplanationRow:
        """With what can be done, and by whom."""
        ways = ways_of(self.asking, wanted, self.frame.give)
        remedies = list(self._remedies())
        helps = [*(help_ for _, help_ in remedies), *(way.help for way in ways)]
        subject = self.case.judged.person.id
        people_ = await named(self.asking, helps, self.frame.sight.assignment, subject)
        done = [replace(row, people=people_.get(number, [])) for number, (row, _) in enumerate(remedies)]
        given = [replace(row, people=people_.get(number, [])) for number, row in enumerate(ways, len(remedies))]
        return replace(told, remedies=done, ways=given)

    def _considered(self, one: Considered) -> ConsideredRow:
        record = self.case.records.get(one.grant.assignment)
        cell = self._cell(one.cell, one.grant.program, one.grant.held_in)
        return ConsideredRow(grant_row(one.grant), one.outcome, one.missing, one.stops, record, cell)

    def _roles(self) -> Iterator[ExplainedRoleRow]:
        """Every role of hers that the asker may see: first those that give it, or would."""
        best: dict[AssignmentId, Considered] = {}
        for one in self.found.considered:
            best.setdefault(one.grant.assignment, one)
        for identifier, one in best.items():
            record = self.case.records.get(identifier)
            if record is not None:
                cell = self._cell(one.cell, record.program, record.school_year or None)
                yield ExplainedRoleRow(record, one.outcome, one.stops, [cell] if cell else [])
        for one in self.found.passed_over:
            record = self.case.records.get(one.assignment.id)
            if record is not None:
                yield ExplainedRoleRow(record, one.stops[0].reason, one.stops, list(self._cells(one)))

    def _cells(self, one: PassedOver) -> Iterator[CellRow]:
        for cell in one.cells:
            row = self._cell(cell, one.assignment.program, one.assignment.school_year or None)
            if row is not None:
                yield row

    def _cell(self, cell: Cell, program: ProgramCode, year: SchoolYear | None) -> CellRow | None:
        role = self._role(program, cell.role, year)
        return CellRow(role, cell) if role else None

    def _role(self, program: ProgramCode, role: RoleSlug, year: SchoolYear | None) -> RoleRow | None:
        return programs.role(self.asking, program, role, year)

    def _remedies(self) -> Iterator[tuple[RemedyRow, Help]]:
        """What is to be done where nothing but steps stands in the way, each once."""
        held = {one.id: one for one in self.case.judged.person.assignments}
        told: set[tuple[AssignmentId, Gate]] = set()
        for one in self.found.considered:
            if not all(stop.gate in MENDABLE for stop in one.stops):
                continue
            for stop in one.stops:
                key = (one.grant.assignment, stop.gate)
                if key not in told and len(told) < MOST_REMEDIES:
                    told.add(key)
                    yield self._remedy(stop, held[one.grant.assignment])

    def _remedy(self, stop: Stop, held: Assignment) -> tuple[RemedyRow, Help]:
        permission = self.frame.helpers.get(stop.gate)
        roles, help_ = doers(self.asking, permission, held) if permission else ([], NO_HELP)
        record = self.case.records.get(held.id)
        return RemedyRow(stop, record, stop.gate in HERSELF, roles, []), help_
