"""Roles that a student information system suggests: which are taken in, who sees them, and why one isn't accepted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.delegation import Refusal
from policy.facts import Level, Organization
from policy.files.one_roster import Suggestion
from policy.files.rows import OrganizationRef
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.pack import Pack
from policy.reach import Place, covers


class SuggestionState(StrEnum):
    OPEN = "open"
    """Nobody has decided yet."""
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"
    """A newer set doesn't contain it."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """One row of the list: a person at an organization. `role` None: the set says nothing that suggests one."""

    row: int
    email: str
    first_name: str
    last_name: str
    phone: str
    place: OrganizationRef
    source_role: str
    role: RoleSlug | None


def proposed(found: Iterable[Suggestion], pack: Pack, today: date) -> list[Proposed]:
    """What of a set is listed: each person once at each organization, or once for each role that is suggested there.

    Roles that ended before `today` are left out, and so is what can't be held at such an organization. A person who is
    listed with a role isn't listed there without one.
    """
    listed: dict[tuple[str, OrganizationRef], dict[RoleSlug | None, Proposed]] = {}
    for one in found:
        if _is_over(one.ends_on, today):
            continue
        roles = listed.setdefault((one.email.casefold(), one.organization), {})
        for role in _held_there(one, pack) or (None,):
            row = Proposed(
                one.number, one.email, one.first_name, one.last_name, one.phone, one.organization, one.source_role, role
            )
            roles.setdefault(role, row)
    return [
        row for roles in listed.values() for role, row in roles.items() if role is not None or len(roles) == 1
    ]  # fmt: skip


def manages(
    caller: PersonCaller, rule: AnyOf, where: Organization, program: ProgramCode, school_year: SchoolYear
) -> bool:
    """Whether the caller sees and sends what is suggested there: by a permission that isn't narrowed to some roles."""
    if caller.systems is not None:
        return False
    place = Place(where.id, where.level, where.lea, program, school_year)
    return any(
        not grant.about_roles and covers(grant, place)
        for one in rule
        if one.permission is not None
        for grant in caller.access.of(one.permission)
    )


_DECIDED: Mapping[SuggestionState, str] = {
    SuggestionState.ACCEPTED: "The suggestion has been accepted already.",
    SuggestionState.DISMISSED: "The suggestion has been dismissed.",
    SuggestionState.SUPERSEDED: "A newer set from the student information system doesn't contain this suggestion.",
}


def decided(state: SuggestionState) -> Refusal | None:
    """Why nothing is decided on it any more; None: it is open."""
    if state is SuggestionState.OPEN:
        return None
    remedy = "If the role is still wanted, assign it by itself."
    return Refusal("state", "ALREADY_DECIDED", "files", _DECIDED[state], remedy)


def no_role() -> Refusal:
    return Refusal(
        "role", "NO_ROLE_SUGGESTED", "files", "What the person is in the student information system suggests no role.",
        "Choose a role for this suggestion, or dismiss it.",
    )  # fmt: skip


def _held_there(one: Suggestion, pack: Pack) -> tuple[RoleSlug, ...]:
    level = one.organization.level or Level.SCHOOL
    return tuple(
        slug for slug in one.suggested if (role := pack.roles.get(slug)) is not None and level in role.levels
    )  # fmt: skip


def _is_over(ends_on: str, today: date) -> bool:
    try:
        return bool(ends_on) and date.fromisoformat(ends_on[:10]) < today
    except ValueError:
        return False
