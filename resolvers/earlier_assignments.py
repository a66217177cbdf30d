"""Whom an earlier year had at an organization, and what of it could be brought back into an open year."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.bringing_back import Since, may_bring_back, sight_of
from policy.caller import PersonCaller
from policy.delegation import Actor, Proposal, Recipient
from policy.facts import AssignmentStatus, Organization
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from resolvers import programs, targets
from resolvers.asking import Asking
from resolvers.pages import Listing, page_request
from resolvers.programs import RoleRow
from resolvers.targets import Sight
from resolvers.writing import UserError, user_error
from store.earlier_assignments import EarlierAssignment, Sought, count_earlier, page_of_earlier
from store.people import load_people
from store.records import Page


@dataclass(frozen=True, slots=True)
class EarlierAsked:
    """`into` None: the program's current year. `role` None: every role."""

    organization: UUID | None
    program: ProgramCode
    school_year: SchoolYear
    into: SchoolYear | None
    role: RoleSlug | None


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """`refusal` None: the role may be brought back as it was."""

    found: EarlierAssignment
    role: RoleRow | None
    refusal: UserError | None

    @property
    def id(self) -> AssignmentId:
        return self.found.id

    @property
    def person(self) -> UserId:
        return self.found.user

    @property
    def first_name(self) -> str:
        return self.found.first_name

    @property
    def last_name(self) -> str:
        return self.found.last_name

    @property
    def school_year(self) -> SchoolYear:
        return self.found.school_year

    @property
    def status(self) -> AssignmentStatus:
        return self.found.status

    @property
    def left_out(self) -> bool:
        return self.found.left_out

    @property
    def organization_id(self) -> OrganizationId:
        return self.found.organization.id


async def page(
    asking: Asking, asked: EarlierAsked, give: AnyOf, see: AnyOf, sight: Sight, first: int | None, after: str | None
) -> Listing[EarlierRow]:
    """By name. `give`: the rule of giving roles, `see`: that of seeing who holds one.

    Raises RefusedError NOT_FOUND for an organization whose people the caller doesn't see.
    """
    place = (await targets.organization(asking, sight, asked.organization)).facts
    into = asked.into or asking.years.current.get(asked.program) or SchoolYear("")
    caller = asking.caller
    seen = sight_of(caller, see, place, asked.program, into) if isinstance(caller, PersonCaller) else None
    roles = _narrowed(seen.roles, asked.role) if seen else None
    if roles is None or not isinstance(caller, PersonCaller):
        raise targets.missing("organization")
    sought = Sought(place.id, place.level, asked.program, asked.school_year, into, roles)
    request = page_request(first, after)
    found = await asking.reads.run(partial(page_of_earlier, sought=sought, request=request))
    actor = Actor(caller.user, caller.access, permissions_of(give), caller.roles)
    rows = await _judged(asking, actor, found.rows, into)
    return Listing(
        Page(tuple(rows), found.cursors, has_next=found.has_next, has_previous=found.has_previous),
        lambda: asking.reads.run(partial(count_earlier, sought=sought)),
    )


def permissions_of(rule: AnyOf) -> tuple[Permission, ...]:
    return tuple(one.permission for one in rule if one.permission is not None)


def _narrowed(seen: frozenset[RoleSlug], wanted: RoleSlug | None) -> frozenset[RoleSlug] | None:
    """The roles that are asked for and seen; None: there are none, `frozenset()` stands for all."""
    if wanted is None:
        return seen
    return frozenset({wanted}) if not seen or wanted in seen else None


async def _judged(
    asking: Asking, actor: Actor, found: Sequence[EarlierAssignment], into: SchoolYear
) -> list[EarlierRow]:
    people = await asking.reads.run(partial(load_people, users={one.user for one in found}))
    rows: list[EarlierRow] = []
    for one in found:
        held = people[one.user].person.assignments if one.user in people else ()
        recipient = Recipient(one.user, one.account, held)
        verdict = may_bring_back(actor, recipient, proposal_of(one, into), since_given(one), asking.packs, asking.years)
        role = programs.role(asking, one.program, one.role, one.school_year)
        rows.append(EarlierRow(one, role, user_error(verdict.refusal) if verdict.refusal else None))
    return rows


def since_given(one: EarlierAssignment) -> Since:
    return Since(one.was_suspended, one.readdressed)


def proposal_of(
    one: EarlierAssignment, into: SchoolYear, role: RoleSlug | None = None, where: Organization | None = None
) -> Proposal:
    """The same role at the same organization in another year, or what is given instead."""
    return Proposal(one.program, role or one.role, where or one.organization, into)
