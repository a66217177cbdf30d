"""Which assignments give an active grant in given systems: derived from the packs, as data for a row condition."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from policy.facts import Years
from policy.ids import ProgramCode, RoleSlug, SchoolYear, System, system_of
from policy.pack import Pack, Reach, Role, RosterHolder
from policy.packs import Packs
from policy.stand_ins import standing_in


@dataclass(frozen=True, slots=True)
class RoleGives:
    """A role that gives something in the systems, and what it asks for before it does.

    `school_year` is '' for roles that are not tied to a year. `roster`: it gives nothing without a student group.
    `unfilled`: it gives this only while nobody is assigned that role at the same organization (S1-09).
    """

    program: ProgramCode
    role: RoleSlug
    school_year: str
    levels: tuple[str, ...]
    forms: tuple[str, ...]
    credential: bool
    roster: bool
    unfilled: RoleSlug | None = None


@dataclass(frozen=True, slots=True)
class OwnSystems:
    """The caller's systems as rules over assignments. `today` is the date in the state's time zone."""

    systems: frozenset[System]
    rules: tuple[RoleGives, ...]
    today: date


def own_systems(systems: frozenset[System], packs: Packs, years: Years, today: date) -> OwnSystems:
    """The rules by which `policy.grants.access_of` would find a current grant in one of the systems."""
    rules: list[RoleGives] = []
    for program in packs.programs():
        timeless = packs.at(program, None)
        current = years.current.get(program)
        pack = timeless or (packs.at(program, current) if current is not None else None)
        if pack is not None:
            year = SchoolYear("") if timeless else current or SchoolYear("")
            rules.extend(_of_pack(pack, year, systems, packs, today))
    return OwnSystems(systems, tuple(rules), today)


def _of_pack(
    pack: Pack, year: SchoolYear, systems: frozenset[System], packs: Packs, today: date
) -> Iterator[RoleGives]:
    for role in pack.roles.values():
        needs = [
            _needs_roster(pack, spec.reach, system_of(spec.permission))
            for _, spec in packs.specs(pack, role.slug)
            if system_of(spec.permission) in systems and spec.counts_on(today)
        ]
        if needs:
            rule = _rule(pack, role, year, roster=all(needs))
            yield rule
            for other in standing_in(pack, role.slug):
                yield replace(rule, role=other.slug, unfilled=role.slug)


def _rule(pack: Pack, role: Role, year: SchoolYear, *, roster: bool) -> RoleGives:
    levels = tuple(sorted(level.value for level in role.levels))
    return RoleGives(pack.program, role.slug, year, levels, role.forms, role.credential, roster)


def _needs_roster(pack: Pack, reach: Reach, system: System) -> bool:
    holder = pack.systems[system].rosters if system in pack.systems else RosterHolder.GATEWAY
    return reach is Reach.ROSTER and holder is RosterHolder.GATEWAY
