"""assignableRoles: what a form may offer, by the same rule that the assignment is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.delegation import Actor, Opening, Recipient, Seats, assignable_roles
from policy.facts import Organization, UserStatus
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers import people, targets
from resolvers.asking import Asking
from resolvers.programs import ProgramRow, RoleRow, at
from resolvers.seats import seats_of
from resolvers.targets import Sight


@dataclass(frozen=True, slots=True)
class OpeningAsked:
    organization: UUID | None
    program: ProgramCode
    school_year: SchoolYear
    user: UUID | None
    for_somebody: bool


async def assignable(asking: Asking, asked: OpeningAsked, rule: AnyOf, sight: Sight) -> list[RoleRow]:
    """Highest first; none under a token by which nothing is assigned. Raises RefusedError NOT_FOUND."""
    program = at(asking, asked.program, asked.school_year)
    place = await targets.organization(asking, sight, asked.organization)
    recipient = await _recipient(asking, asked, sight)
    caller = asking.caller
    if program is None or not isinstance(caller, PersonCaller) or not (caller.may_write or caller.managing_by):
        return []
    actor = Actor(
        caller.user,
        caller.access,
        tuple(one.permission for one in rule if one.permission is not None),
        caller.roles,
    )
    opening = Opening(asked.program, place.facts, asked.school_year, await _seats(asking, place.facts, asked))
    return _rows(program, actor, recipient, opening, asking)


async def _seats(asking: Asking, where: Organization, asked: OpeningAsked) -> Mapping[RoleSlug, Seats]:
    pack, lea = asking.packs.at(asked.program, asked.school_year), where.lea
    if pack is None or lea is None:
        return {}
    return await asking.reads.run(lambda connection: seats_of(connection, lea, pack, asked.school_year))


async def _recipient(asking: Asking, asked: OpeningAsked, sight: Sight) -> Recipient:
    if not asked.for_somebody:
        return Recipient(None, UserStatus.INVITED)
    seen = await targets.user(asking, sight, asked.user)
    loaded = await people.person(asking, seen.id)
    return Recipient(seen.id, seen.status, loaded.person.assignments if loaded else ())


def _rows(program: ProgramRow, actor: Actor, recipient: Recipient, opening: Opening, asking: Asking) -> list[RoleRow]:
    found = assignable_roles(actor, recipient, opening, asking.packs, asking.years)
    return [RoleRow(program, role) for role in found]
