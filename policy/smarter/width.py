"""Whether a role of a component would open more than a grant does: of each grant, and of the mapping as a whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from policy.facts import Level
from policy.ids import Permission, system_of
from policy.pack import Pack, Reach, Role
from policy.smarter.levels import LEVEL_OF, TIER_OF, Tier
from policy.smarter.mapping import ComponentPermission, ComponentRole, MappingRow, Need, Over, RoleMapping


@dataclass(frozen=True, slots=True)
class Given:
    """One permission that somebody has at an organization, and how far from there."""

    permission: Permission
    reach: Reach
    assessments: frozenset[str] = frozenset()
    """Kinds that it covers; empty where the permission isn't divided by them."""


_WHOLE: Final[Mapping[Level, frozenset[Reach]]] = MappingProxyType(
    {
        Level.STATE: frozenset({Reach.STATE}),
        Level.LEA: frozenset({Reach.STATE, Reach.LEA}),
        Level.SCHOOL: frozenset({Reach.STATE, Reach.SITE}),
    }
)
"""Reaches that hold everything at an organization and below it; `schools` leaves the LEA's own figures out."""
_ENOUGH: Final[Mapping[Over, frozenset[Reach]]] = MappingProxyType(
    {
        Over.ORGANIZATION: frozenset(),
        Over.GROUPS: frozenset({Reach.ROSTER}),
        Over.ITEMS: frozenset({Reach.ASSIGNED}),
        Over.DOOR: frozenset(Reach),
    }
)
"""Reaches that suffice beside those that hold everything."""


def fits(role: ComponentRole, tier: Tier, given: Collection[Given]) -> bool:
    """Whether all that the component shows to the role at this level is given."""
    return tier in role.tiers and next(missing(role, tier, given), None) is None


def missing(role: ComponentRole, tier: Tier, given: Collection[Given]) -> Iterator[tuple[ComponentPermission, str]]:
    """Each permission of the role that would be wider than what is given, with what it lacks."""
    for permission in (*role.permissions, *(one.permission for one in role.added_at(tier))):
        if permission.never or not permission.needs:
            yield permission, permission.never or "nothing says what it needs"
        for need in permission.needs:
            if not _holds(need, LEVEL_OF.get(tier), given):
                kinds = f" of {', '.join(sorted(need.assessments))}" if need.assessments else ""
                yield permission, f"{need.permission} over the {need.over}{kinds}"


def _holds(need: Need, level: Level | None, given: Collection[Given]) -> bool:
    """Whether each kind of assessment that is shown is covered by a grant that reaches far enough."""
    if level is None:
        return False
    enough = _WHOLE[level] | _ENOUGH[need.over]
    able = [one for one in given if one.permission == need.permission and one.reach in enough]
    if not need.assessments:
        return bool(able)
    return all(any(not one.assessments or kind in one.assessments for one in able) for kind in need.assessments)


def wider_rows(mapping: RoleMapping, packs: Iterable[Pack]) -> Iterator[str]:
    """A sentence for each role of the mapping that would open more than the cells of a pack for which it holds."""
    for pack, row, role in _mapped(mapping, packs):
        given = cells_of(pack, row)
        for code, emitted in row.components.items():
            for one in emitted.roles:
                for permission, lacks in missing(one, row.tier, given):
                    yield (
                        f"{_place(pack, row)}: {one.name} of {code} is wider than the cells of {role.label}: "
                        f"{permission.name} needs {lacks}."
                    )


def unstated_rows(mapping: RoleMapping, packs: Iterable[Pack]) -> Iterator[str]:
    """A sentence for each permission that a component adds by itself, where no cell says it and the row is silent."""
    for pack, row, role in _mapped(mapping, packs):
        said = {one.permission for one in cells_of(pack, row)}
        for code, emitted in row.components.items():
            for one in emitted.roles:
                for derived in one.added_at(row.tier):
                    if derived.says not in said and derived.permission.name not in emitted.differs:
                        yield (
                            f"{_place(pack, row)}: {code} adds {derived.permission.name} to {one.name}, and no cell of "
                            f"{role.label} gives {derived.says}: say in `differs` why it may stand."
                        )


def unmapped_cells(mapping: RoleMapping, packs: Iterable[Pack]) -> Iterator[str]:
    """A sentence for each role with cells in a component's system of which the mapping says nothing."""
    for pack in packs:
        first = mapping.from_years.get(pack.program)
        if first is None or pack.from_year is None or pack.from_year < first:
            continue
        for role in pack.roles.values():
            systems = {system_of(spec.permission) for _, spec in pack.grants_of(role.slug)}
            for level in sorted(role.levels):
                row = mapping.row(pack.program, role.slug, TIER_OF[level], pack.from_year)
                told = frozenset(row.components) if row else frozenset[str]()
                for component in mapping.components.values():
                    if component.system in systems and component.code not in told:
                        yield (
                            f"{pack.program}/{role.slug} at {TIER_OF[level]}: the pack gives it something in "
                            f"{component.system}; say what it becomes in {component.code}, or why nothing."
                        )


def strangers(mapping: RoleMapping, packs: Collection[Pack]) -> Iterator[str]:
    """A sentence for each row about a role that no pack of its years knows, or knows at that level."""
    for row in mapping.rows:
        known = [
            role
            for pack in packs
            if pack.program == row.program and mapping.row(row.program, row.role, row.tier, pack.from_year)
            for role in pack.roles.values()
            if role.slug == row.role
        ]
        level = LEVEL_OF.get(row.tier)
        if not known:
            yield f"{row.program}/{row.role} is no role of a pack from {mapping.from_years.get(row.program)} on."
        elif not any(level in role.levels for role in known):
            yield f"{row.program}/{row.role} is never held at {row.tier}."


def cells_of(pack: Pack, row: MappingRow) -> tuple[Given, ...]:
    """What the cells of the row's role give, the state's overrides of single days left out."""
    return tuple(
        Given(spec.permission, spec.reach, spec.assessments)
        for _, spec in pack.grants_of(row.role)
        if not spec.reports and not spec.about_roles and spec.only_on is None
    )


def _mapped(mapping: RoleMapping, packs: Iterable[Pack]) -> Iterator[tuple[Pack, MappingRow, Role]]:
    for pack in packs:
        for row in mapping.rows:
            role = pack.roles.get(row.role)
            if row.program == pack.program and role and mapping.row(row.program, row.role, row.tier, pack.from_year):
                yield pack, row, role


def _place(pack: Pack, row: MappingRow) -> str:
    return f"{row.program}/{row.role} at {row.tier} from {pack.from_year}"
