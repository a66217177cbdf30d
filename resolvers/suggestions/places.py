"""Where somebody manages what is suggested: organizations by code in her reach, and an LEA's schools that are in it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.facts import Level, Organization
from policy.files.rows import OrganizationRef
from policy.ids import OrganizationId, ProgramCode, SchoolYear
from policy.suggestions import manages
from resolvers import targets
from resolvers.asking import Asking
from resolvers.targets import Sight
from store.database import Connection
from store.organizations import organizations_by_codes
from store.suggestion_sets import organizations_of_leas


@dataclass(frozen=True, slots=True)
class Managing:
    """Which program's and year's suggestions somebody manages, by which rule."""

    caller: PersonCaller
    rule: AnyOf
    program: ProgramCode
    school_year: SchoolYear

    def among(self, organizations: Iterable[Organization]) -> frozenset[OrganizationId]:
        return frozenset(one.id for one in organizations if self.at(one))

    def at(self, organization: Organization) -> bool:
        return manages(self.caller, self.rule, organization, self.program, self.school_year)


@dataclass(frozen=True, slots=True)
class NamedPlaces:
    """Of the organizations that a set names: those within reach; `leas` and all `reached` of these LEAs."""

    by_ref: dict[OrganizationRef, Organization]
    leas: tuple[OrganizationId, ...]
    reached: frozenset[OrganizationId]


async def named_places(connection: Connection, refs: Collection[OrganizationRef], managing: Managing) -> NamedPlaces:
    """Two statements, however many there are. What isn't there and what isn't managed are left out alike."""
    wanted = {(one.level or Level.SCHOOL, one.code) for one in refs}
    records = await organizations_by_codes(connection, sorted(wanted))
    found = {OrganizationRef(level, code): one.facts for (level, code), one in records.items()}
    within = {ref: one for ref, one in found.items() if managing.at(one)}
    leas = tuple(sorted({one.lea for one in within.values() if one.lea is not None}))
    return NamedPlaces(within, leas, managing.among(await organizations_of_leas(connection, leas)))


async def reached_at(
    asking: Asking, sight: Sight, organization: UUID | None, managing: Managing
) -> frozenset[OrganizationId]:
    """The organization and, of an LEA, its schools, as far as suggestions there are managed.

    Raises RefusedError NOT_FOUND for an organization that isn't seen, and where none of them is managed.
    """
    place = (await targets.organization(asking, sight, organization)).facts
    if place.level is Level.LEA:
        every = await asking.reads.run(lambda connection: organizations_of_leas(connection, [place.id]))
        reached = managing.among(every)
    else:
        reached = managing.among([place])
    if not reached:
        raise targets.missing("organization")
    return reached
