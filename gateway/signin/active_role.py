"""The active role of a session: which one it begins with, and the roles that may be chosen."""

from dataclasses import dataclass

from policy.facts import Level
from policy.grant import Access, ActiveRole, under
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.packs import Packs

_LEVELS = (Level.STATE, Level.LEA, Level.SCHOOL)


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role as a page offers it."""

    role: ActiveRole
    value: str
    label: str
    hint: str


def first_role(access: Access, packs: Packs) -> ActiveRole | None:
    """The role that a session begins with: the highest that counts today, else one of the upcoming year.

    Across programs the level decides before the rank (decisions, section 4.5). None: no role of hers counts.
    """
    return min(access.roles(), key=lambda role: _standing(access, packs, role), default=None)


def acting_role(chosen: ActiveRole | None, access: Access, packs: Packs) -> ActiveRole | None:
    """The role that a session acts under: the chosen one while it is held, else the one that a new session begins with.

    None only where no role counts: then `access` gives nothing either.
    """
    return chosen if chosen in access.roles() else first_role(access, packs)


def role_of_value(access: Access, value: str) -> ActiveRole | None:
    """The role that a form names, if the person holds it now."""
    return next((role for role in access.roles() if role.text == value), None)


def role_choices(roles: tuple[ActiveRole, ...], access: Access, packs: Packs) -> list[RoleChoice]:
    """The roles with their labels and where they are held."""
    return [RoleChoice(role, role.text, role_label(role, packs), _where(access, role)) for role in roles]


def role_label(role: ActiveRole, packs: Packs) -> str:
    """`CAASPP: Site Coordinator, 2026-27`."""
    pack = packs.at(role.program, role.school_year)
    known = packs.role(role.program, role.role, role.school_year)
    year = f", {role.school_year}" if role.school_year else ""
    return f"{pack.label if pack else role.program}: {known.label if known else role.role}{year}"


def stored_role(program: str, role: str, school_year: str) -> ActiveRole:
    """The active role of an assignment's columns; a role that is not tied to a year has ''."""
    return ActiveRole(ProgramCode(program), RoleSlug(role), SchoolYear(school_year) if school_year else None)


def _standing(access: Access, packs: Packs, role: ActiveRole) -> tuple[bool, int, int, str]:
    acting = under(access, role)
    levels = [_LEVELS.index(one.organization.level) for one in acting.effective]
    known = packs.role(role.program, role.role, role.school_year)
    return not acting.systems(), min(levels), known.rank if known else 0, role.text


def _where(access: Access, role: ActiveRole) -> str:
    names = sorted({one.organization.name for one in under(access, role).effective})
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
