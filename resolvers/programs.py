"""Programs, roles and matrices, answered from the packs in memory; cut to the caller's systems where it has such."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from policy.facts import Level
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System, system_of
from policy.pack import AccountPolicy, Cell, GrantSpec, Pack, Reach, Role, RosterHolder
from resolvers.asking import Asking


@dataclass(frozen=True, slots=True)
class ProgramRow:
    pack: Pack
    school_year: SchoolYear | None
    """The year that was asked for; None for a pack that is not tied to one."""

    @property
    def code(self) -> str:
        return self.pack.program

    @property
    def label(self) -> str:
        return self.pack.label

    @property
    def account_policy(self) -> AccountPolicy:
        return self.pack.account_policy


@dataclass(frozen=True, slots=True)
class RoleRow:
    program: ProgramRow
    role: Role

    @property
    def code(self) -> str:
        return self.role.slug

    @property
    def label(self) -> str:
        return self.role.label

    @property
    def levels(self) -> list[Level]:
        return sorted(self.role.levels)

    @property
    def level(self) -> Level | None:
        return self.levels[0] if len(self.role.levels) == 1 else None

    @property
    def rank(self) -> int:
        return self.role.rank

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.role.aliases

    @property
    def summary(self) -> str:
        return self.role.summary


@dataclass(frozen=True, slots=True)
class SchoolYearRow:
    code: SchoolYear
    is_current: bool
    is_upcoming: bool


@dataclass(frozen=True, slots=True)
class SystemRow:
    code: System
    label: str
    rosters: RosterHolder


@dataclass(frozen=True, slots=True)
class CellRow:
    role: RoleRow
    cell: Cell

    @property
    def row(self) -> str:
        return self.cell.row

    @property
    def text(self) -> str:
        return self.cell.text

    @property
    def basis(self) -> str:
        return self.cell.basis

    @property
    def differs(self) -> str | None:
        return self.cell.differs or None

    @property
    def stated(self) -> bool:
        return self.cell.stated


@dataclass(frozen=True, slots=True)
class OverrideRow:
    permission: Permission
    reach: Reach | None
    assessments: list[str]
    first_day: date
    last_day: date
    basis: str


@dataclass(frozen=True, slots=True)
class CellGrantRow:
    permission: Permission
    reach: Reach
    assessments: list[str]
    reports: list[str]


def at(asking: Asking, program: ProgramCode, school_year: SchoolYear | None) -> ProgramRow | None:
    """The program in that year; without one, in its current year."""
    year = school_year or asking.years.current.get(program)
    pack = asking.packs.at(program, year)
    if pack is None or not _concerns(pack, asking):
        return None
    return ProgramRow(pack, year if pack.from_year is not None else None)


def every(asking: Asking) -> list[ProgramRow]:
    """Each program in its current year."""
    return [found for code in asking.packs.programs() if (found := at(asking, code, None)) is not None]


def role(asking: Asking, program: ProgramCode, slug: RoleSlug, school_year: SchoolYear | None) -> RoleRow | None:
    found = at(asking, program, school_year)
    return _role(found, slug) if found else None


def roles(program: ProgramRow, asking: Asking) -> list[RoleRow]:
    """The program's roles, highest first; those without anything in the caller's systems don't appear."""
    ordered = sorted(program.pack.roles.values(), key=lambda role: (role.rank, role.slug))
    rows = (RoleRow(program, role) for role in ordered)
    return [row for row in rows if asking.systems is None or permissions(row, asking)]


def permissions(row: RoleRow, asking: Asking) -> list[Permission]:
    """What the role is given anywhere, each once."""
    specs = asking.packs.specs(row.program.pack, row.role.slug)
    today = asking.clock.today
    return sorted({spec.permission for _, spec in specs if spec.counts_on(today) and _visible(spec, asking)})


def assignable_by(row: RoleRow, asking: Asking) -> list[RoleRow]:
    """The roles whose holders may assign it."""
    givers = (_role(row.program, one.role) for one in row.role.assignable_by)
    return [giver for giver in givers if giver is not None and (asking.systems is None or permissions(giver, asking))]


def school_years(program: ProgramRow, asking: Asking) -> list[SchoolYearRow]:
    code = program.pack.program
    current, upcoming = asking.years.current.get(code), asking.years.upcoming.get(code)
    years = sorted({year for year in (current, upcoming) if year is not None})
    return [SchoolYearRow(year, year == current, year == upcoming) for year in years]


def systems(program: ProgramRow, asking: Asking) -> list[SystemRow]:
    return [
        SystemRow(one.code, one.label, one.rosters)
        for one in program.pack.systems.values()
        if asking.systems is None or one.code in asking.systems
    ]


def matrix(program: ProgramRow, asking: Asking) -> list[CellRow]:
    """Every cell of the matrix; to a system only those that give something in it."""
    found: list[CellRow] = []
    for cell in program.pack.cells:
        row = _role(program, cell.role)
        if row is not None and (asking.systems is None or any(_visible(spec, asking) for spec in cell.grants)):
            found.append(CellRow(row, cell))
    return found


def cell_grants(row: CellRow, asking: Asking) -> list[CellGrantRow]:
    return [
        CellGrantRow(spec.permission, spec.reach, sorted(spec.assessments), sorted(spec.reports))
        for spec in row.cell.grants
        if spec.counts_on(asking.clock.today) and _visible(spec, asking)
    ]


def cell_overrides(row: CellRow, asking: Asking) -> list[OverrideRow]:
    """Those that count today or will, in the caller's systems."""
    return [
        OverrideRow(
            one.permission, one.given.reach if one.given else None, sorted(one.given.assessments if one.given else ()),
            one.first_day, one.last_day, one.basis,
        )
        for one in row.cell.overrides
        if one.last_day >= asking.clock.today and _within(asking, (system_of(one.permission),))
    ]  # fmt: skip


def _role(program: ProgramRow, slug: RoleSlug) -> RoleRow | None:
    found = program.pack.roles.get(slug)
    return RoleRow(program, found) if found else None


def _visible(spec: GrantSpec, asking: Asking) -> bool:
    return _within(asking, (system_of(spec.permission),))


def _concerns(pack: Pack, asking: Asking) -> bool:
    return _within(asking, (system_of(spec.permission) for cell in pack.cells for spec in cell.grants))


def _within(asking: Asking, systems_of: Iterable[System]) -> bool:
    return asking.systems is None or any(one in asking.systems for one in systems_of)
