"""The list of suggested roles, with why one of them can't be accepted as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.delegation import Actor, Proposal, Recipient, may_assign
from policy.facts import UserStatus
from policy.ids import AssignmentId, OrganizationId, ProgramCode, SchoolYear, UserId
from policy.suggestions import SuggestionState
from resolvers import programs, targets
from resolvers.asking import Asking
from resolvers.earlier_assignments import permissions_of
from resolvers.pages import Listing, page_request
from resolvers.programs import RoleRow
from resolvers.released import address_blocked
from resolvers.suggestions.places import Managing, reached_at
from resolvers.targets import Sight
from resolvers.writing import UserError, user_error
from store.organizations import organizations_by_ids
from store.people import LoadedPerson, load_people
from store.records import OrganizationRecord, Page
from store.released_addresses import blocked_addresses
from store.suggestions import RoleSuggestion, Sought, count_suggestions, page_of_suggestions


@dataclass(frozen=True, slots=True)
class SuggestionsAsked:
    """`school_year` None: the program's current one."""

    organization: UUID | None
    program: ProgramCode
    school_year: SchoolYear | None
    state: SuggestionState


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """`refusal`: why it can't be accepted as it is; None: it can, or it is decided."""

    found: RoleSuggestion
    role: RoleRow | None
    refusal: UserError | None

    @property
    def id(self) -> UUID:
        return self.found.id

    @property
    def program(self) -> ProgramCode:
        return self.found.program

    @property
    def school_year(self) -> SchoolYear:
        return self.found.school_year

    @property
    def state(self) -> SuggestionState:
        return self.found.state

    @property
    def email(self) -> str | None:
        return self.found.email

    @property
    def first_name(self) -> str | None:
        return self.found.first_name

    @property
    def last_name(self) -> str | None:
        return self.found.last_name

    @property
    def phone(self) -> str | None:
        return self.found.phone

    @property
    def source_role(self) -> str:
        return self.found.source_role

    @property
    def source_row(self) -> int:
        return self.found.source_row

    @property
    def sent_at(self) -> datetime:
        return self.found.sent_at

    @property
    def decided_at(self) -> datetime | None:
        return self.found.decided_at

    @property
    def organization_id(self) -> OrganizationId:
        return self.found.organization

    @property
    def user_id(self) -> UserId | None:
        return self.found.user

    @property
    def sent_by_id(self) -> UserId:
        return self.found.sent_by

    @property
    def decided_by_id(self) -> UserId | None:
        return self.found.decided_by

    @property
    def assignment_id(self) -> AssignmentId | None:
        return self.found.assignment


async def page(
    asking: Asking, asked: SuggestionsAsked, see: AnyOf, give: AnyOf, sight: Sight, first: int | None, after: str | None
) -> Listing[SuggestionRow]:
    """By name. `see`: the rule of managing suggestions, `give`: that of accepting them.

    Raises RefusedError NOT_FOUND for an organization where the caller manages none.
    """
    caller = asking.caller
    year = asked.school_year or asking.years.current.get(asked.program) or SchoolYear("")
    if not isinstance(caller, PersonCaller):
        raise targets.missing("organization")
    reached = await reached_at(asking, sight, asked.organization, Managing(caller, see, asked.program, year))
    sought = Sought(reached, asked.program, year, asked.state)
    request = page_request(first, after)
    found = await asking.reads.run(partial(page_of_suggestions, sought=sought, request=request))
    actor = Actor(caller.user, caller.access, permissions_of(give), caller.roles)
    rows = await rows_of(asking, actor, found.rows)
    return Listing(
        Page(tuple(rows), found.cursors, has_next=found.has_next, has_previous=found.has_previous),
        lambda: asking.reads.run(partial(count_suggestions, sought=sought)),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    people: Mapping[UserId, LoadedPerson]
    places: Mapping[OrganizationId, OrganizationRecord]
    blocked: frozenset[bytes]


async def rows_of(asking: Asking, actor: Actor, found: Sequence[RoleSuggestion]) -> list[SuggestionRow]:
    """Three statements for a page, however many rows it has."""
    judged = [one for one in found if one.state is SuggestionState.OPEN and one.role is not None]
    facts = await _facts(asking, judged) if judged else _Facts({}, {}, frozenset())
    return [
        SuggestionRow(
            one,
            programs.role(asking, one.program, one.role, one.school_year) if one.role else None,
            _refusal(asking, actor, one, facts),
        )
        for one in found
    ]


async def _facts(asking: Asking, found: Sequence[RoleSuggestion]) -> _Facts:
    users = {one.user for one in found if one.user is not None}
    places = {one.organization for one in found}
    hashes = [asking.accounts.address_hash(one.email_key) for one in found if one.user is None and one.email_key]
    now = asking.clock.now
    return _Facts(
        await asking.reads.run(partial(load_people, users=users)),
        await asking.reads.run(partial(organizations_by_ids, ids=places)),
        await asking.reads.run(partial(blocked_addresses, address_hashes=hashes, now=now, user=None)),
    )


def _refusal(asking: Asking, actor: Actor, one: RoleSuggestion, facts: _Facts) -> UserError | None:
    """What accepting it would answer: no more than whoever typed the address would be told."""
    place = facts.places.get(one.organization)
    if one.state is not SuggestionState.OPEN or one.role is None or place is None:
        return None
    loaded = facts.people.get(one.user) if one.user is not None else None
    if loaded is not None:
        recipient = Recipient(one.user, loaded.person.status, loaded.person.assignments)
    else:
        recipient = Recipient(None, UserStatus.INVITED)
    proposal = Proposal(one.program, one.role, place.facts, one.school_year)
    verdict = may_assign(actor, recipient, proposal, asking.packs, asking.years)
    if verdict.refusal is not None:
        return user_error(verdict.refusal)
    if one.user is None and one.email_key and asking.accounts.address_hash(one.email_key) in facts.blocked:
        return address_blocked()
    return None
