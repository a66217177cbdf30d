"""Reads the vocabulary and program packs from TOML: text in, checked data out, or every problem at once."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from policy.facts import Level
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System
from policy.pack import (
    AccountPolicy,
    Assigner,
    Form,
    OneStudentSessions,
    Pack,
    PackSystem,
    PermissionTerm,
    Role,
    RosterHolder,
)
from policy.pack_cells import read_cells
from policy.pack_check import Draft, check
from policy.pack_problems import PackError, PackProblem, Problems
from policy.pack_section import SLUG, Section, parse

__all__ = ["PackError", "PackProblem", "read_pack", "read_vocabulary"]

_YEAR = re.compile(r"\d{4}-\d{2}")


class _Derived(StrEnum):
    DIRECTORY = "directory"
    OPERATOR = "operator"


def read_vocabulary(text: str, file: str) -> Mapping[Permission, PermissionTerm]:
    """The permissions of `programs/permissions.toml` in its order. Raises PackError with every problem."""
    problems = Problems(file)
    terms: dict[Permission, PermissionTerm] = {}
    for system, features in parse(text, problems).named_sections():
        for feature, actions in features.named_sections():
            for action in actions.names():
                name = Permission(f"{system}:{feature}:{action}")
                if not SLUG.fullmatch(action):
                    actions.wrong(action, "is no name: write small letters, digits and hyphens.")
                terms[name] = _term(name, actions, action)
    problems.raise_any()
    return MappingProxyType(terms)


def _term(name: Permission, actions: Section, action: str) -> PermissionTerm:
    value = actions.value(action)
    term = actions.under(action, {"label": value} if isinstance(value, str) else value)
    read = PermissionTerm(
        name=name,
        label=term.text("label"),
        by_assessment=term.flag("by_assessment", default=False),
        by_report=term.flag("by_report", default=False),
        earlier_years=term.flag("earlier_years", default=False),
    )
    term.done()
    return read


def read_pack(text: str, file: str, vocabulary: Mapping[Permission, PermissionTerm]) -> Pack:
    """The pack of a TOML file, complete and checked. `file` is what problems call it. Raises PackError."""
    problems = Problems(file)
    draft = _draft(parse(text, problems))
    check(draft, vocabulary, problems)
    problems.raise_any()
    return draft.pack


def _draft(file: Section) -> Draft:
    sources = _texts(file.section("sources"))
    every_program = file.flag("every_program", default=False)
    roles = {role.slug: role for role in _roles(file.section("roles"), every_program=every_program)}
    placed = tuple(read_cells(file, roles, sources))
    pack = Pack(
        program=_program(file),
        label=file.text("label"),
        from_year=_year(file, "from_year"),
        last_year=_year(file, "last_year"),
        account_policy=file.choice("account_policy", AccountPolicy) or AccountPolicy.SINGLE_LEVEL,
        assessments=file.texts("assessments", required=True),
        systems=MappingProxyType({system.code: system for system in _systems(file.section("systems"))}),
        roles=MappingProxyType(roles),
        cells=tuple(one.cell for one in placed),
        forms=MappingProxyType({form.slug: form for form in _forms(file.section("forms", required=False))}),
        sources=MappingProxyType(sources),
        every_program=every_program,
        last_label_limit=file.number("last_label_limit", required=False),
        additional_coordinators=file.number("additional_coordinators", required=False),
        held_role_not_assignable=file.flag("held_role_not_assignable", default=False),
        one_student_sessions=_one_student(file.section("one_student_sessions", required=False)),
        loaded_by_default=file.flag("loaded_by_default", default=True),
    )
    file.done()
    return Draft(pack, tuple(one.path for one in placed))


def _program(file: Section) -> ProgramCode:
    code = file.text("program")
    if code and not SLUG.fullmatch(code):
        file.wrong("program", f"“{code}” is no code: write small letters, digits and hyphens.")
    return ProgramCode(code)


def _year(file: Section, name: str) -> SchoolYear | None:
    text = file.optional_text(name)
    if text and (not _YEAR.fullmatch(text) or (int(text[:4]) + 1) % 100 != int(text[5:])):
        file.wrong(name, f"“{text}” is no school year: write it as 2026-27.")
        return None
    return SchoolYear(text) if text else None


def _one_student(section: Section) -> OneStudentSessions:
    def words(name: str) -> frozenset[str]:
        return frozenset(word.casefold() for word in section.texts(name))

    about = frozenset(Permission(name) for name in section.texts("permissions"))
    found = OneStudentSessions(words("assessments"), words("grade_bands"), words("domains"), about)
    section.done()
    return found


def _texts(section: Section) -> dict[str, str]:
    return {name: section.text(name) for name in section.names()}


def _systems(section: Section) -> Iterator[PackSystem]:
    for code, system in section.named_sections():
        rosters = system.choice("rosters", RosterHolder)
        yield PackSystem(System(code), system.text("label"), rosters or RosterHolder.GATEWAY)
        system.done()


def _forms(section: Section) -> Iterator[Form]:
    for slug, form in section.named_sections():
        yield Form(slug, form.text("label"), form.text("version"), form.text("text"))
        form.done()


def _roles(section: Section, *, every_program: bool) -> Iterator[Role]:
    for slug, role in section.named_sections():
        yield Role(
            slug=RoleSlug(slug),
            label=role.text("label"),
            levels=role.choices("levels", Level),
            rank=role.number("rank") or 0,
            primary_rank=role.number("primary_rank", required=False),
            aliases=role.texts("aliases"),
            assignable_by=tuple(_assigners(role)),
            derived=role.choice("derived", _Derived, required=False) or "",
            forms=role.texts("forms"),
            credential=role.flag("credential", default=False),
            second_step=role.flag("second_step", default=every_program),
            self_registration=role.flag("self_registration", default=False),
            summary=role.text("summary"),
            caution=role.optional_text("caution") or "",
            stands_in_for=RoleSlug(role.optional_text("stands_in_for") or "") or None,
            addition=role.flag("addition", default=False),
        )
        role.done()


def _assigners(role: Section) -> Iterator[Assigner]:
    for place, item in enumerate(role.items("assignable_by"), start=1):
        entry = role.under(f"assignable_by[{place}]", {"role": item} if isinstance(item, str) else item)
        yield Assigner(RoleSlug(entry.text("role")), entry.flag("primary", default=False))
        entry.done()
