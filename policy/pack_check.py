"""What must hold in a pack beyond its shape: a table of checks, each one rule, run over the whole pack."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from policy.facts import Level
from policy.ids import Permission, RoleSlug, system_of
from policy.pack import Assigner, GrantSpec, Pack, PermissionTerm, Reach, Role
from policy.pack_problems import Problems
from policy.role_names import role_key

Finding = tuple[str, str]
"""The key of a value and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack as read, with the path of each of its cells in the same order."""

    pack: Pack
    paths: tuple[str, ...]


def check(draft: Draft, vocabulary: Mapping[Permission, PermissionTerm], problems: Problems) -> None:
    """Run every check; what they find is added to the problems."""
    findings = [one for rule in PACK_CHECKS for one in rule(draft.pack)]
    for path, cell in zip(draft.paths, draft.pack.cells, strict=True):
        for spec in cell.grants:
            given = Given(draft.pack, draft.pack.roles.get(cell.role), spec, vocabulary.get(spec.permission))
            findings.extend((path, text) for rule in GRANT_CHECKS for text in rule(given))
    for key, text in findings:
        problems.add(key, text)


# ------------------------------------------------------------------------------------------------- of the whole pack


def years_are_in_order(pack: Pack) -> Iterator[Finding]:
    """A pack counts from a year on; only the state's own is tied to none."""
    if pack.every_program and pack.from_year is not None:
        yield "from_year", "is not for a pack of every program: such a pack is tied to no year."
    if not pack.every_program and pack.from_year is None:
        yield "from_year", "is missing: write the first school year of this version, as 2026-27."
    if pack.from_year and pack.last_year and pack.last_year < pack.from_year:
        yield "last_year", f"{pack.last_year} is before {pack.from_year}, the first year."


def state_roles_have_a_second_step(pack: Pack) -> Iterator[Finding]:
    """AAL2 always (decisions, state)."""
    for role in pack.roles.values():
        if pack.every_program and not role.second_step:
            yield _of(role, "second_step"), "is false: roles of a pack of every program always ask for a second step."


def assigners_are_known(pack: Pack) -> Iterator[Finding]:
    for role, assigner in _assigners(pack):
        giver = pack.roles.get(assigner.role)
        if giver is None:
            yield _of(role, "assignable_by"), f"{assigner.role} is no role of this pack."
        elif assigner.primary and giver.primary_rank is None:
            yield _of(role, "assignable_by"), f"{assigner.role} has no primary_rank, so none of its holders is primary."


def assigners_stand_above(pack: Pack) -> Iterator[Finding]:
    """A smaller rank stands higher; the primary holder of a role stands above its others."""
    for role in pack.roles.values():
        if role.primary_rank is not None and role.primary_rank >= role.rank:
            yield _of(role, "primary_rank"), f"{role.primary_rank} doesn't stand above rank {role.rank}."
    for role, assigner in _assigners(pack):
        giver = pack.roles.get(assigner.role)
        if giver is None:
            continue
        rank = giver.primary_rank if assigner.primary and giver.primary_rank is not None else giver.rank
        if rank >= role.rank:
            yield _of(role, "assignable_by"), f"{assigner.role} (rank {rank}) doesn't stand above rank {role.rank}."


def assigning_has_no_cycle(pack: Pack) -> Iterator[Finding]:
    """The primary holder of a role may assign the role itself; nothing else leads back to its start."""
    told: set[frozenset[RoleSlug]] = set()
    for role in pack.roles.values():
        circle = _circle(pack, role.slug, (role.slug,))
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield _of(role, "assignable_by"), f"goes in a circle: {' ← '.join(circle)}."


def _circle(pack: Pack, start: RoleSlug, path: tuple[RoleSlug, ...]) -> tuple[RoleSlug, ...]:
    role = pack.roles.get(path[-1])
    for assigner in role.assignable_by if role else ():
        if assigner.primary and assigner.role == path[-1]:
            continue
        if assigner.role == start:
            return (*path, start)
        if assigner.role not in path:
            found = _circle(pack, start, (*path, assigner.role))
            if found:
                return found
    return ()


def every_level_has_an_assigner(pack: Pack) -> Iterator[Finding]:
    """Somebody can give each role at each of its levels: a role at that level or above it."""
    for role in pack.roles.values():
        if role.derived:
            if role.assignable_by:
                yield _of(role, "derived"), "stands beside assignable_by: a derived role is assigned by nobody."
            continue
        givers = [pack.roles[one.role] for one in role.assignable_by if one.role in pack.roles]
        for level in (level for level in Level if level in role.levels):
            if not any(_HEIGHT[held] <= _HEIGHT[level] for giver in givers for held in giver.levels):
                yield _of(role, "assignable_by"), f"names nobody who could assign it at {level} level."


def stand_ins_are_possible(pack: Pack) -> Iterator[Finding]:
    """A role held by default is below the derived one that it comes with, and held at the same levels."""
    for role in pack.roles.values():
        if role.stands_in_for is None:
            continue
        other = pack.roles.get(role.stands_in_for)
        if other is None:
            yield _of(role, "stands_in_for"), f"{role.stands_in_for} is no role of this pack."
        elif not role.derived or other.derived:
            yield _of(role, "stands_in_for"), "is for a derived role, and names one that is assigned."
        elif not role.levels <= other.levels or role.rank >= other.rank:
            yield _of(role, "stands_in_for"), f"{other.slug} isn't held below it at the same levels."


def forms_are_known(pack: Pack) -> Iterator[Finding]:
    for role in pack.roles.values():
        for slug in role.forms:
            if slug not in pack.forms:
                yield _of(role, "forms"), f"{slug} is no form of this pack."


def aliases_are_of_one_role(pack: Pack) -> Iterator[Finding]:
    """Labels and aliases name one role each, however they are dashed, spaced or capitalized."""
    named: dict[str, Role] = {}
    for role in pack.roles.values():
        for name in (role.label, *role.aliases):
            first = named.setdefault(role_key(name), role)
            if first is not role:
                yield _of(role, "aliases"), f"“{name}” already names {first.slug}."


def _assigners(pack: Pack) -> Iterator[tuple[Role, Assigner]]:
    return ((role, assigner) for role in pack.roles.values() for assigner in role.assignable_by)


def _of(role: Role, name: str) -> str:
    return f"roles.{role.slug}.{name}"


_HEIGHT = {Level.STATE: 0, Level.LEA: 1, Level.SCHOOL: 2}

PACK_CHECKS: tuple[Callable[[Pack], Iterator[Finding]], ...] = (
    years_are_in_order,
    state_roles_have_a_second_step,
    assigners_are_known,
    assigners_stand_above,
    assigning_has_no_cycle,
    every_level_has_an_assigner,
    stand_ins_are_possible,
    forms_are_known,
    aliases_are_of_one_role,
)


# --------------------------------------------------------------------------------------------------- of single grants


@dataclass(frozen=True, slots=True)
class Given:
    """One permission that a cell gives, with what it is judged by; None where that is unknown."""

    pack: Pack
    role: Role | None
    spec: GrantSpec
    term: PermissionTerm | None


def permissions_are_known(given: Given) -> Iterator[str]:
    if given.term is None:
        yield f"{given.spec.permission} is no permission of the vocabulary."
    elif system_of(given.spec.permission) not in given.pack.systems:
        yield f"{given.spec.permission} is of a system that isn't listed under systems."


def reaches_are_possible(given: Given) -> Iterator[str]:
    """No grant reaches above the level at which its role is held."""
    for level in Level:
        if given.role and level in given.role.levels and given.spec.reach not in POSSIBLE_REACH[level]:
            yield f"{given.spec.permission} can't reach {given.spec.reach}: the role is held at {level} level."


def kinds_are_named(given: Given) -> Iterator[str]:
    """Kinds of assessment stand exactly where the vocabulary divides the permission by them."""
    permission, kinds = given.spec.permission, given.spec.assessments
    if given.term and given.term.by_assessment and not kinds:
        yield f"{permission} must name the assessments that it covers."
    if given.term and not given.term.by_assessment and kinds:
        yield f"{permission} isn't divided by assessments: leave them out."
    for kind in sorted(kinds - set(given.pack.assessments)):
        yield f"{kind} is no assessment of this pack."


def reports_are_possible(given: Given) -> Iterator[str]:
    if given.term and given.spec.reports and not given.term.by_report:
        yield f"{given.spec.permission} isn't divided by reports: leave them out."


def roles_that_it_is_about_are_known(given: Given) -> Iterator[str]:
    for slug in sorted(given.spec.about_roles - set(given.pack.roles)):
        yield f"{slug}, in about_roles, is no role of this pack."


_ANYWHERE = {Reach.SITE, Reach.ROSTER, Reach.ASSIGNED, Reach.SELF}
POSSIBLE_REACH: Mapping[Level, frozenset[Reach]] = {
    Level.STATE: frozenset(_ANYWHERE | {Reach.STATE}),
    Level.LEA: frozenset(_ANYWHERE | {Reach.LEA, Reach.SCHOOLS}),
    Level.SCHOOL: frozenset(_ANYWHERE),
}

GRANT_CHECKS: tuple[Callable[[Given], Iterator[str]], ...] = (
    permissions_are_known,
    reaches_are_possible,
    kinds_are_named,
    reports_are_possible,
    roles_that_it_is_about_are_known,
)
