"""Overrides of a cell: for some days, the state says what a role is given of one permission (decisions, the state)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from policy.facts import Level
from policy.ids import Permission, RoleSlug
from policy.pack import Cell, CellOverride, GrantSpec, Pack, PermissionTerm, Reach, Role
from policy.pack_check import GRANT_CHECKS, Given

ROW: Final = "Override"
"""The row of a permission that no cell of the source gives the role."""
_INSIDE: Final[Mapping[Reach, frozenset[Reach]]] = {
    Reach.STATE: frozenset(Reach) - {Reach.SELF},
    Reach.LEA: frozenset({Reach.LEA, Reach.SCHOOLS, Reach.SITE, Reach.ROSTER, Reach.ASSIGNED}),
    Reach.SCHOOLS: frozenset({Reach.SCHOOLS}),
    Reach.SITE: frozenset({Reach.SITE}),
    Reach.ROSTER: frozenset({Reach.ROSTER}),
    Reach.ASSIGNED: frozenset({Reach.ASSIGNED}),
    Reach.SELF: frozenset({Reach.SELF}),
}
_INSIDE_SCHOOL: Final = frozenset({Reach.ROSTER, Reach.ASSIGNED})


def overridden(pack: Pack, overrides: Iterable[CellOverride]) -> Pack:
    """The pack with those of its version: outside of their days everything counts as the source has it."""
    cells = list(pack.cells)
    for one in overrides:
        if one.program == pack.program and one.from_year == (pack.from_year or "") and one.role in pack.roles:
            cells = _with(cells, one)
    return pack if len(cells) == len(pack.cells) and tuple(cells) == pack.cells else replace(pack, cells=tuple(cells))


def problems_of(pack: Pack, override: CellOverride, vocabulary: Mapping[Permission, PermissionTerm]) -> Iterator[str]:
    """What makes it impossible, as a pack's own cells are judged."""
    if override.given is None:
        return
    given = Given(pack, pack.roles.get(override.role), override.given, vocabulary.get(override.permission))
    for rule in GRANT_CHECKS:
        yield from rule(given)


def is_wider(pack: Pack, override: CellOverride) -> bool:
    """Whether it gives anything that no cell of the source gives the role. `pack`: without overrides."""
    if override.given is None:
        return False
    role = pack.roles[override.role]
    sources = [spec for _, spec in pack.grants_of(role.slug) if spec.permission == override.permission]
    return not any(_contains(role, source, override.given) for source in sources)


def _with(cells: list[Cell], one: CellOverride) -> list[Cell]:
    days = (one.first_day, one.last_day)
    found: list[Cell] = []
    placed = False
    for cell in cells:
        if cell.role != one.role or all(spec.permission != one.permission for spec in cell.grants):
            found.append(cell)
            continue
        grants = tuple(
            replace(spec, not_on=(*spec.not_on, days)) if spec.permission == one.permission else spec
            for spec in cell.grants
        )
        if not placed:
            placed = True
            found.append(replace(cell, grants=(*grants, *_spec(one)), overrides=(*cell.overrides, one)))
        else:
            found.append(replace(cell, grants=grants))
    if not placed:
        found.append(Cell(ROW, one.role, "", _spec(one), one.basis, overrides=(one,)))
    return found


def _spec(one: CellOverride) -> tuple[GrantSpec, ...]:
    return () if one.given is None else (replace(one.given, only_on=(one.first_day, one.last_day)),)


def _contains(role: Role, source: GrantSpec, given: GrantSpec) -> bool:
    inside = _INSIDE[source.reach]
    if source.reach is Reach.SITE and role.levels == frozenset({Level.SCHOOL}):
        inside |= _INSIDE_SCHOOL
    return (
        given.reach in inside
        and given.assessments <= source.assessments
        and _narrows(source.reports, given.reports)
        and _narrows(source.about_roles, given.about_roles)
        and (source.upcoming or not given.upcoming)
    )


def _narrows(source: frozenset[str] | frozenset[RoleSlug], given: frozenset[str] | frozenset[RoleSlug]) -> bool:
    """Empty means all."""
    return not source or (bool(given) and given <= source)
