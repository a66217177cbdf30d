"""Reads components and mapping from TOML: text in, checked data out, or every problem at once."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System, system_of
from policy.pack import PermissionTerm
from policy.pack_problems import Problems
from policy.pack_section import Section, parse
from policy.smarter.chain import is_writable
from policy.smarter.levels import Tier
from policy.smarter.mapping import (
    Component,
    ComponentPermission,
    ComponentRole,
    Derived,
    Emitted,
    MappingRow,
    Need,
    Over,
    RoleMapping,
)

Vocabulary = Mapping[Permission, PermissionTerm]
Components = Mapping[str, Component]


def read_components(text: str, file: str, vocabulary: Vocabulary) -> Components:
    """The components by code, in the order of the file. Raises PackError with every problem."""
    problems = Problems(file)
    found = {code: _component(code, section, vocabulary) for code, section in parse(text, problems).named_sections()}
    problems.raise_any()
    return MappingProxyType(found)


def read_mapping(text: str, file: str, components: Components) -> RoleMapping:
    """What each role becomes, not yet compared with the packs. Raises PackError with every problem."""
    problems = Problems(file)
    section = parse(text, problems)
    programs = section.section("programs")
    years = {ProgramCode(code): SchoolYear(one.text("from_year")) for code, one in _tables(programs)}
    rows = tuple(_rows(section, years, components))
    section.done()
    problems.raise_any()
    return RoleMapping(components, MappingProxyType(years), rows)


def _tables(section: Section) -> Iterator[tuple[str, Section]]:
    for name in section.names():
        table = section.section(name)
        yield name, table
        table.done()


def _component(code: str, section: Section, vocabulary: Vocabulary) -> Component:
    name, system = section.text("name"), System(section.text("system"))
    if system and system not in {system_of(permission) for permission in vocabulary}:
        section.wrong("system", f"{system} owns no permission of the vocabulary.")
    permissions = {
        one: _permission(one, table, vocabulary)
        for one, table in _tables(section.section("permissions", required=False))
    }
    derived = tuple(
        _derived(one, table, permissions, vocabulary)
        for one, table in _tables(section.section("derived", required=False))
    )
    roles = {one: _role(one, table, permissions, derived) for one, table in _tables(section.section("roles"))}
    section.done()
    return Component(code, name, system, MappingProxyType(permissions), MappingProxyType(roles))


def _permission(name: str, table: Section, vocabulary: Vocabulary) -> ComponentPermission:
    needs = tuple(_needs(table, vocabulary))
    never = table.optional_text("never") or ""
    if bool(needs) == bool(never):
        table.problems.add(
            table.path, "must say either what it needs, or in `never` why no pack's permission gives it."
        )
    return ComponentPermission(name, needs, never)


def _derived(
    name: str, table: Section, permissions: Mapping[str, ComponentPermission], vocabulary: Vocabulary
) -> Derived:
    because, says = table.text("because"), Permission(table.text("says"))
    if because and because not in permissions:
        table.wrong("because", f"{because} is no permission of this component.")
    if says and says not in vocabulary:
        table.wrong("says", f"{says} is not in the vocabulary.")
    if name in permissions:
        table.problems.add(table.path, "is given by roles already: a permission is one or the other.")
    return Derived(_permission(name, table, vocabulary), because, table.choices("levels", Tier), says)


def _needs(table: Section, vocabulary: Vocabulary) -> Iterator[Need]:
    for place, item in enumerate(table.items("needs"), start=1):
        entry = table.under(f"needs[{place}]", item)
        permission, over = Permission(entry.text("permission")), entry.choice("over", Over)
        kinds = frozenset(entry.texts("assessments"))
        entry.done()
        term = vocabulary.get(permission)
        if permission and term is None:
            entry.wrong("permission", f"{permission} is not in the vocabulary.")
        if term is not None and term.by_assessment != bool(kinds):
            entry.wrong(
                "assessments", "must name the kinds that it shows." if not kinds else "is not for this permission."
            )
        if permission and over is not None:
            yield Need(permission, over, kinds)


def _role(
    name: str, table: Section, permissions: Mapping[str, ComponentPermission], derived: tuple[Derived, ...]
) -> ComponentRole:
    if not is_writable(name):
        table.problems.add(table.path, "is no name for a tenancy chain: no pipe, no blanks around it, not a comma.")
    asked = table.texts("permissions")
    for unknown in sorted(set(asked) - permissions.keys()):
        table.wrong("permissions", f"{unknown} is no permission of this component.")
    if not asked:
        table.wrong("permissions", "is missing: a role without permissions can't be compared with a cell.")
    tiers = table.choices("levels", Tier)
    given = tuple(permissions[one] for one in asked if one in permissions)
    return ComponentRole(name, given, tiers, tuple(one for one in derived if one.because in asked))


def _rows(section: Section, programs: Collection[ProgramCode], components: Components) -> Iterator[MappingRow]:
    seen: set[tuple[str, str, str]] = set()
    for table in section.sections("rows"):
        program, role = ProgramCode(table.text("program")), RoleSlug(table.text("role"))
        tier = table.choice("level", Tier)
        emitted = {code: _emitted(table.section(code), components[code], tier) for code in components if code in table}
        table.done()
        if program and program not in programs:
            table.wrong("program", f"{program} isn't listed under programs.")
        if not emitted:
            table.problems.add(table.path, f"names no component: write one of {', '.join(components)}.")
        key = (program, role, tier or "")
        if key in seen:
            table.problems.add(table.path, f"is the second row of {program}/{role} at {tier}.")
        seen.add(key)
        if tier is not None:
            yield MappingRow(program, role, tier, MappingProxyType(emitted))


def _emitted(table: Section, component: Component, tier: Tier | None) -> Emitted:
    asked = table.texts("roles", required=True)
    basis, differs = table.text("basis"), table.optional_text("differs") or ""
    table.done()
    if not asked and not differs:
        table.wrong("roles", "is empty: say in `differs` why the role becomes nothing here.")
    for name in asked:
        known = component.roles.get(name)
        if known is None:
            table.wrong("roles", f"{name} is no role of {component.name}.")
        elif tier is not None and tier not in known.tiers:
            table.wrong("roles", f"{component.name} doesn't take {name} at {tier}.")
    return Emitted(tuple(component.roles[name] for name in asked if name in component.roles), basis, differs)
