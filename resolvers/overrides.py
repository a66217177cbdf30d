"""setCellOverride, endCellOverride: the state says for some days what a role is given of one permission."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.overrides import is_wider, problems_of
from policy.pack import CellOverride, GrantSpec, Pack, Reach
from resolvers import targets
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.confirmations import LIFE, queue_request
from resolvers.everybody import still_may
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.access_version import raise_epoch
from store.database import Connection
from store.overrides import (
    Concerned,
    SetOverride,
    concerned_by,
    end_override,
    insert_override,
    is_overridden,
    load_overrides,
)
from store.second_confirmations import ConfirmationKind, PendingConfirmation

SET, END = "setCellOverride", "endCellOverride"
LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class OverrideAsked:
    """`reach` None: the permission isn't given."""

    program: ProgramCode
    school_year: SchoolYear
    role: RoleSlug
    permission: Permission
    reach: Reach | None
    assessments: frozenset[str]
    reports: frozenset[str]
    first_day: date
    last_day: date
    basis: str


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """`override` None and `request` given: it gives more than the source, so a second person has to confirm it."""

    override: UUID | None
    request: UUID | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class EffectsRow:
    """Whose access an override would change: holders of the role at this moment."""

    wider: bool
    people: int
    sample: list[UserId]


@dataclass(frozen=True, slots=True)
class OverrideShown:
    id: UUID
    program: ProgramCode
    role: RoleSlug
    permission: Permission
    reach: Reach | None
    first_day: date
    last_day: date
    basis: str
    set_by: UserId
    confirmed_by: UserId | None


@dataclass(frozen=True, slots=True)
class EndedRow:
    ended: UUID | None
    user_errors: list[UserError]


async def effects(asking: Asking, asked: OverrideAsked) -> EffectsRow | None:
    """None: there is no such role or pack."""
    pack = asking.packs.at(asked.program, asked.school_year)
    if pack is None or asked.role not in pack.roles:
        return None
    wider = is_wider(_source(pack), _override(asked, pack, UUID(int=0)))
    found = await asking.reads.run(partial(_concerned, asking, asked.program, asked.role, pack))
    return EffectsRow(wider, found.people, list(found.sample))


async def set_override(asking: Asking, asked: OverrideAsked, rule: AnyOf) -> OverrideRow:
    making = change(asking, SET, rule)
    try:
        waits = await making.carry_out(_target(asked), partial(_set, making, asked))
    except RefusedChangeError as error:
        return OverrideRow(None, None, error.errors)
    return OverrideRow(None, making.id, []) if waits else OverrideRow(making.id, None, [])


async def end(asking: Asking, override: UUID | None, rule: AnyOf) -> EndedRow:
    """Raises RefusedError NOT_FOUND."""
    making = change(asking, END, rule)
    try:
        await making.carry_out(Target("cell_override", str(override)), partial(_end, making, override))
    except RefusedChangeError as error:
        return EndedRow(None, error.errors)
    return EndedRow(override, [])


async def listed(asking: Asking) -> list[OverrideShown]:
    """Those that count today or later."""
    every = await asking.reads.run(load_overrides)
    return [_shown(one) for one in every if one.override.last_day >= asking.clock.today]


async def carry_out_override(making: Change, connection: Connection, pending: PendingConfirmation) -> None:
    """Once a second person has confirmed it, in that transaction."""
    asked = _read(pending)
    pack = await _checked(making, connection, asked)
    one = SetOverride(_override(asked, pack, pending.id), pending.asked_by, making.asking.clock.now, making.caller.user)
    await _put(making, connection, asked, one)


async def _set(making: Change, asked: OverrideAsked, connection: Connection) -> bool:
    """Whether it waits for a second person."""
    pack = await _checked(making, connection, asked)
    override = _override(asked, pack, making.id)
    now = making.asking.clock.now
    if is_wider(_source(pack), override):
        kind = ConfirmationKind.CELL_OVERRIDE
        request = PendingConfirmation(making.id, kind, None, _detail(asked), making.caller.user, now, now + LIFE)
        await queue_request(making, connection, request, asked.basis)
        return True
    await _put(making, connection, asked, SetOverride(override, making.caller.user, now))
    return False


async def _put(making: Change, connection: Connection, asked: OverrideAsked, one: SetOverride) -> None:
    await insert_override(connection, one)
    found = await _concerned(making.asking, one.override.program, one.override.role, _pack(making, asked), connection)
    after = {key: text for key, text in _detail(asked).items() if key != "basis"}
    after |= {"override": str(one.override.id), "people": str(found.people)}
    await making.audit(connection, _target(asked), None, after=after, reason=asked.basis.strip())
    await still_may(making)(connection)
    await raise_epoch(connection)


async def _end(making: Change, override: UUID | None, connection: Connection) -> None:
    clock = making.asking.clock
    if override is None or not await end_override(connection, override, clock.now, clock.today - timedelta(days=1)):
        raise targets.missing("override")
    await making.audit(
        connection, Target("cell_override", str(override)), None, after={"ended": clock.today.isoformat()}
    )
    await still_may(making)(connection)
    await raise_epoch(connection)


async def _checked(making: Change, connection: Connection, asked: OverrideAsked) -> Pack:
    """The pack that it is about. Raises RefusedChangeError."""
    pack, clock = _pack(making, asked), making.asking.clock
    if pack.every_program:
        text = "The state's own roles aren't overridden: they are the rule by which overrides are made."
        raise refused("program", "STATE_PACK", "state", text, "Give or take the role instead.")
    if asked.role not in pack.roles:
        raise refused("role", "UNKNOWN_ROLE", "S0-29", "This program has no such role.", "Choose one of its roles.")
    if not asked.basis.strip():
        raise refused("basis", "BASIS_MISSING", "state", "Nothing says on what it is based.", "Name the decision.")
    if not clock.today <= asked.first_day <= asked.last_day <= asked.first_day + LONGEST:
        text = "An override begins today or later and lasts a year at most."
        raise refused("firstDay", "DAYS", "state", text, "Correct its days.")
    override = _override(asked, pack, making.id)
    problems = list(problems_of(pack, override, making.asking.packs.vocabulary))
    if problems:
        raise refused("reach", "IMPOSSIBLE", "state", f"The cell can't be so: {problems[0]}", "Correct it.")
    if override.given is None and all(s.permission != asked.permission for _, s in _source(pack).grants_of(asked.role)):
        raise refused("permission", "UNCHANGED", "state", "The role isn't given this.", "Nothing is to be done.")
    if await is_overridden(connection, override):
        text = "Another override of this cell has some of these days."
        raise refused("firstDay", "OVERLAPS", "state", text, "End that one first, or choose other days.")
    return pack


def _pack(making: Change, asked: OverrideAsked) -> Pack:
    pack = making.asking.packs.at(asked.program, asked.school_year)
    if pack is None:
        raise refused("program", "UNKNOWN_PROGRAM", "state", "There is no pack for this year.", "Choose another one.")
    return pack


def _source(pack: Pack) -> Pack:
    """The pack without what overrides say."""
    cells = tuple(
        replace(cell, grants=tuple(spec for spec in cell.grants if spec.only_on is None)) for cell in pack.cells
    )
    return replace(pack, cells=cells)


async def _concerned(
    asking: Asking, program: ProgramCode, role: RoleSlug, pack: Pack, connection: Connection
) -> Concerned:
    """In the open years for which this version of the pack counts."""
    open_years = (asking.years.current.get(program), asking.years.upcoming.get(program))
    years = [year for year in open_years if year is not None and asking.packs.at(program, year) is pack]
    return await concerned_by(connection, program, role, years)


def _override(asked: OverrideAsked, pack: Pack, identifier: UUID) -> CellOverride:
    given = None
    if asked.reach is not None:
        given = GrantSpec(asked.permission, asked.reach, asked.assessments, asked.reports)
    return CellOverride(
        identifier, asked.program, pack.from_year or "", asked.role, asked.permission, given, asked.first_day,
        asked.last_day, asked.basis.strip(),
    )  # fmt: skip


def _detail(asked: OverrideAsked) -> dict[str, str]:
    return {
        "program": asked.program, "school_year": asked.school_year, "role": asked.role, "permission": asked.permission,
        "reach": asked.reach.value if asked.reach else "", "assessments": " ".join(sorted(asked.assessments)),
        "reports": " ".join(sorted(asked.reports)), "first_day": asked.first_day.isoformat(),
        "last_day": asked.last_day.isoformat(), "basis": asked.basis.strip(),
    }  # fmt: skip


def _read(pending: PendingConfirmation) -> OverrideAsked:
    detail = pending.detail
    return OverrideAsked(
        ProgramCode(detail["program"]), SchoolYear(detail["school_year"]), RoleSlug(detail["role"]),
        Permission(detail["permission"]), Reach(detail["reach"]) if detail["reach"] else None,
        frozenset(detail["assessments"].split()), frozenset(detail["reports"].split()),
        date.fromisoformat(detail["first_day"]), date.fromisoformat(detail["last_day"]), detail["basis"],
    )  # fmt: skip


def _shown(one: SetOverride) -> OverrideShown:
    found = one.override
    return OverrideShown(
        found.id, found.program, found.role, found.permission, found.given.reach if found.given else None,
        found.first_day, found.last_day, found.basis, one.set_by, one.confirmed_by,
    )  # fmt: skip


def _target(asked: OverrideAsked) -> Target:
    return Target("cell", f"{asked.program}/{asked.role} {asked.permission}")
