"""What an explanation tells: its parts as rows, each as far as the asker may see it, and who could help."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from policy.access import AnyOf
from policy.explain import Considered, Explanation, Judged, PassedOver, Stop
from policy.facts import Assignment, AssignmentStatus, Level
from policy.gates import GRANT_GATES, OBSTACLES, Gate
from policy.ids import AssignmentId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Cell
from policy.reasons import MissingStep, Reason
from policy.ways import Wanted
from resolvers import programs
from resolvers.asking import Asking
from resolvers.decisions import DecisionRow
from resolvers.explained_target import TargetSight
from resolvers.givers import NO_HELP, Help, WayRow, doers, named, ways_of
from resolvers.grants import GrantRow, grant_row
from resolvers.programs import CellRow, RoleRow
from store.records import AssignmentRecord

MOST_REMEDIES = 20
MENDABLE = frozenset(gate.gate for gate in (*OBSTACLES, *GRANT_GATES)) | {Gate.NOT_ASSIGNED}
"""Gates that somebody can open without giving another role; by a student group only where one could be the answer."""
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
    assignment: AssignmentId | None
    cell: CellRow | None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A role as it is, or was, held: also one that was taken away since."""

    program: ProgramCode
    role: RoleSlug
    label: str | None
    school_year: SchoolYear | None
    level: Level
    code: str
    organization_name: str
    status: AssignmentStatus
    primary: bool
    assigned_at: datetime
    last_day: date | None


@dataclass(frozen=True, slots=True)
class ExplainedRoleRow:
    """One of her roles, and what became of it."""

    assignment: AssignmentId
    held: HeldRow
    outcome: Reason
    stops: tuple[Stop, ...]
    cells: list[CellRow]


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One thing to be done, by herself or by the people of certain roles."""

    stop: Stop
    assignment: AssignmentId | None
    by_herself: bool
    roles: list[RoleRow]
    people: list[UserId]

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
    passed_over: list[AssignmentId]
    givers: list[RoleRow]
    roles: list[ExplainedRoleRow]
    remedies: list[RemedyRow]
    ways: list[WayRow]
    as_of: datetime | None = None
    """The past moment of which it is told; None: now."""


@dataclass(frozen=True, slots=True)
class Case:
    """Whose access is explained, with the records of her assignments that the asker may see."""

    judged: Judged
    records: Mapping[AssignmentId, AssignmentRecord]


def bare(row: DecisionRow) -> ExplanationRow:
    """The decision alone."""
    return ExplanationRow(row, [], [], [], [], [], [])


@dataclass(frozen=True, slots=True)
class Telling:
    """One explanation, turned into what the asker is told."""

    asking: Asking
    frame: Frame
    case: Case
    found: Explanation

    def row(self, decision: DecisionRow) -> ExplanationRow:
        counted = dict.fromkeys(
            one.assignment.id for one in self.found.passed_over if [stop.gate for stop in one.stops] == [Gate.NOT_GIVEN]
        )
        records = self.case.records
        return ExplanationRow(
            decision,
            [self._considered(one) for one in self.found.considered],
            [one for one in counted if one in records],
            [row for one in self.found.givers if (row := self._role(one.program, one.role, None)) is not None],
            list(self._roles()),
            [],
            [],
        )

    async def helped(self, told: ExplanationRow, wanted: Wanted) -> ExplanationRow:
        """With what can be done, and by whom."""
        ways = [way for way in ways_of(self.asking, wanted, self.frame.give) if not self._holds(way)]
        remedies = list(self._remedies(MENDABLE if wanted.by_group else MENDABLE - {Gate.NOT_ASSIGNED}))
        helps = [*(help_ for _, help_ in remedies), *(way.help for way in ways)]
        subject = self.case.judged.person.id
        people_ = await named(self.asking, helps, self.frame.sight.assignment, subject)
        done = [replace(row, people=people_.get(number, [])) for number, (row, _) in enumerate(remedies)]
        given = [replace(row, people=people_.get(number, [])) for number, row in enumerate(ways, len(remedies))]
        return replace(told, remedies=done, ways=given)

    def _considered(self, one: Considered) -> ConsideredRow:
        cell = self._cell(one.cell, one.grant.program, one.grant.held_in)
        held = self._seen(one.grant.assignment)
        return ConsideredRow(grant_row(one.grant), one.outcome, one.missing, one.stops, held, cell)

    def _seen(self, assignment: AssignmentId) -> AssignmentId | None:
        return assignment if assignment in self.case.records else None

    def _roles(self) -> Iterator[ExplainedRoleRow]:
        """Every role of hers that the asker may see: first those that give it, or would."""
        best: dict[AssignmentId, Considered] = {}
        for one in self.found.considered:
            best.setdefault(one.grant.assignment, one)
        for identifier, one in best.items():
            record = self.case.records.get(identifier)
            if record is not None:
                cell = self._cell(one.cell, record.program, record.school_year or None)
                yield ExplainedRoleRow(record.id, self._held(record), one.outcome, one.stops, [cell] if cell else [])
        for one in self.found.passed_over:
            record = self.case.records.get(one.assignment.id)
            if record is not None and record.id not in best and record.role == one.assignment.role:
                reason, cells = one.stops[0].reason, list(self._cells(one))
                yield ExplainedRoleRow(record.id, self._held(record), reason, one.stops, cells)

    def _held(self, record: AssignmentRecord) -> HeldRow:
        here = next(one.organization for one in self.case.judged.person.assignments if one.id == record.id)
        role = self._role(record.program, record.role, record.school_year or None)
        return HeldRow(
            record.program, record.role, role.label if role else None, record.school_year or None, here.level,
            here.code, here.name, record.status, record.primary, record.assigned_at, record.last_day,
        )  # fmt: skip

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

    def _holds(self, way: WayRow) -> bool:
        """Whether she has that role there already, as far as the asker sees: then it is a remedy's to help."""
        return any(
            (one.program, one.role, one.organization_id, one.school_year or None)
            == (way.role.program.code, way.role.code, way.organization_id, way.school_year)
            for one in self.case.records.values()
        )

    def _remedies(self, mendable: frozenset[Gate]) -> Iterator[tuple[RemedyRow, Help]]:
        """What is to be done where nothing but steps stands in the way, each once."""
        held = {one.id: one for one in self.case.judged.person.assignments}
        told: set[tuple[AssignmentId, Gate]] = set()
        for one in self.found.considered:
            if not all(stop.gate in mendable for stop in one.stops):
                continue
            for stop in one.stops:
                key = (one.grant.assignment, stop.gate)
                if key not in told and len(told) < MOST_REMEDIES:
                    told.add(key)
                    yield self._remedy(stop, held[one.grant.assignment])

    def _remedy(self, stop: Stop, held: Assignment) -> tuple[RemedyRow, Help]:
        permission = self.frame.helpers.get(stop.gate)
        roles, help_ = doers(self.asking, permission, held) if permission else ([], NO_HELP)
        return RemedyRow(stop, self._seen(held.id), stop.gate in HERSELF, roles, []), help_
