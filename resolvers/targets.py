"""The targets of a change: what the caller may see of them; anything else is as if it weren't there."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from policy.access import AnyOf, holds
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from resolvers import assignments, organizations, users
from resolvers.asking import Asking
from resolvers.giving import RoleAsked
from resolvers.refusals import RefusedError, not_found
from resolvers.subjects import subject_of
from store.records import AssignmentRecord, OrganizationRecord, UserRecord


@dataclass(frozen=True, slots=True)
class Sight:
    """The rules by which targets are seen: those of their types, handed over by the schema."""

    user: AnyOf
    organization: AnyOf
    assignment: AnyOf


@dataclass(frozen=True, slots=True)
class RoleTyped:
    """A role to be given, as the document names it."""

    program: ProgramCode
    role: RoleSlug
    organization: UUID | None
    school_year: SchoolYear
    last_day: date | None = None


async def user(asking: Asking, sight: Sight, identifier: UUID | None) -> UserRecord:
    """Raises RefusedError NOT_FOUND."""
    found = await users.by_id(asking, UserId(identifier)) if identifier else None
    if found is None or not holds(asking.caller, sight.user, subject_of(found, asking)):
        raise missing("person")
    return found


async def organization(asking: Asking, sight: Sight, identifier: UUID | None) -> OrganizationRecord:
    """Raises RefusedError NOT_FOUND."""
    found = await organizations.by_id(asking, OrganizationId(identifier)) if identifier else None
    if found is None or not holds(asking.caller, sight.organization, subject_of(found, asking)):
        raise missing("organization")
    return found


async def assignment(asking: Asking, sight: Sight, identifier: UUID | None) -> AssignmentRecord:
    """Raises RefusedError NOT_FOUND."""
    found = await assignments.by_id(asking, AssignmentId(identifier)) if identifier else None
    if found is None or not holds(asking.caller, sight.assignment, subject_of(found, asking)):
        raise missing("role assignment")
    return found


async def role_asked(asking: Asking, sight: Sight, typed: RoleTyped) -> RoleAsked:
    """The role with its organization. Raises RefusedError NOT_FOUND."""
    place = await organization(asking, sight, typed.organization)
    return RoleAsked(typed.program, typed.role, place, typed.school_year, typed.last_day)


def missing(what: str) -> RefusedError:
    """What isn't there and what isn't within reach is answered alike."""
    return not_found(f"There is no such {what}, or none within your reach.")
