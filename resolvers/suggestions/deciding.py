"""acceptSuggestions, acceptSuggestionsOfSchool and dismissSuggestions: each judged as createUser judges, then done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.facts import Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.suggestions import SuggestionState, decided, no_role
from resolvers import targets
from resolvers.addresses import PersonTyped
from resolvers.asking import Asking
from resolvers.attempts import acting_under
from resolvers.create_user import Made, create_or_add, problems_with
from resolvers.giving import RoleAsked
from resolvers.refusals import bad_input
from resolvers.suggestions.places import Managing, reached_at
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.audit import record_many
from store.database import Connection
from store.organizations import organizations_by_ids
from store.recipients import lock_users
from store.records import OrganizationRecord
from store.suggestions import Accepted, RoleSuggestion, accept, dismiss, lock_open_at, lock_suggestions

ACCEPT: Final = "acceptSuggestions"
ACCEPT_SCHOOL: Final = "acceptSuggestionsOfSchool"
DISMISS: Final = "dismissSuggestions"
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class AcceptAsked:
    """`role` None: what each suggestion says."""

    ids: tuple[UUID | None, ...]
    role: RoleSlug | None


@dataclass(frozen=True, slots=True)
class AcceptSchoolAsked:
    organization: UUID | None
    program: ProgramCode
    school_year: SchoolYear | None


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """`unapplied`: fields in which the account differs from the set; they stay as they are."""

    suggestion: UUID
    user: UserId
    assignment: AssignmentId
    unapplied: list[str]


@dataclass(frozen=True, slots=True)
class LeftRow:
    """One of the school's that can't be accepted, and stays open."""

    suggestion: UUID
    refusal: UserError


@dataclass(frozen=True, slots=True)
class AcceptRow:
    accepted: list[AcceptedRow]
    user_errors: list[UserError]
    left: list[LeftRow] = field(default_factory=list[LeftRow])


@dataclass(frozen=True, slots=True)
class DismissRow:
    dismissed: list[UUID]
    user_errors: list[UserError]


async def accept_ticked(asking: Asking, asked: AcceptAsked, give: AnyOf, see: AnyOf) -> AcceptRow:
    """All or none. `see`: the rule of managing suggestions. Raises RefusedError NOT_FOUND for one out of reach."""
    making = change(asking, ACCEPT, give)
    ids = _ticked(ACCEPT, asked.ids)
    target = Target("role_suggestion", str(ids[0]))
    try:
        return await making.carry_out(target, partial(_accept_ticked, making, ids, asked.role, see))
    except RefusedChangeError as refused:
        return AcceptRow([], refused.errors)


async def accept_school(asking: Asking, asked: AcceptSchoolAsked, give: AnyOf, see: AnyOf, sight: Sight) -> AcceptRow:
    """Up to 100 of the open ones that have a role, by name; those that can't be accepted stay and say why.

    Raises RefusedError NOT_FOUND for an organization whose suggestions the caller doesn't manage.
    """
    making = change(asking, ACCEPT_SCHOOL, give)
    year = asked.school_year or asking.years.current.get(asked.program) or SchoolYear("")
    place = (await targets.organization(asking, sight, asked.organization)).facts
    if place.level is not Level.SCHOOL:
        raise bad_input(f"{ACCEPT_SCHOOL} takes a school; suggestions elsewhere are ticked one by one.")
    await reached_at(asking, sight, place.id, Managing(making.caller, see, asked.program, year))
    work = partial(_accept_school, making, place.id, asked.program, year)
    try:
        return await making.carry_out(Target("organization", str(place.id)), work)
    except RefusedChangeError as refused:
        return AcceptRow([], refused.errors)


async def dismiss_ticked(asking: Asking, ids: Sequence[UUID | None], rule: AnyOf) -> DismissRow:
    """All or none; what is known of the persons goes. Raises RefusedError NOT_FOUND for one out of reach."""
    making = change(asking, DISMISS, rule)
    ticked = _ticked(DISMISS, ids)
    try:
        return await making.carry_out(
            Target("role_suggestion", str(ticked[0])), partial(_dismiss, making, ticked, rule)
        )
    except RefusedChangeError as refused:
        return DismissRow([], refused.errors)


def _ticked(action: str, ids: Sequence[UUID | None]) -> list[UUID]:
    """Raises RefusedError: too many or none, one twice, or what is no id."""
    if not 1 <= len(ids) <= MOST:
        raise bad_input(f"{action} takes 1 to {MOST} suggestions at once, not {len(ids)}.")
    found = [one for one in ids if one is not None]
    if len(found) != len(ids):
        raise targets.missing("suggestion")
    if len(set(found)) != len(found):
        raise bad_input("A suggestion is ticked twice.")
    return found


async def _accept_ticked(
    making: Change, ids: list[UUID], role: RoleSlug | None, see: AnyOf, connection: Connection
) -> AcceptRow:
    found = await lock_suggestions(connection, ids)
    places = await _places(connection, found.values())
    ordered = [_seen(making, found.get(one), places, see) for one in ids]
    await lock_users(connection, sorted({one.user for one in ordered if one.user is not None}))
    accepted: list[AcceptedRow] = []
    errors: list[UserError] = []
    for index, one in enumerate(ordered):
        try:
            accepted.append(await _give_one(making, connection, one, role or one.role, places))
        except RefusedChangeError as refused:
            errors += [replace(error, path=["input", "ids", str(index), error.path[-1]]) for error in refused.errors]
    if errors:
        raise RefusedChangeError(errors)
    await _done(making, connection, accepted)
    return AcceptRow(accepted, [])


async def _accept_school(
    making: Change, organization: OrganizationId, program: ProgramCode, year: SchoolYear, connection: Connection
) -> AcceptRow:
    found = await lock_open_at(connection, organization, program, year, MOST)
    places = await _places(connection, found)
    await lock_users(connection, sorted({one.user for one in found if one.user is not None}))
    accepted: list[AcceptedRow] = []
    left: list[LeftRow] = []
    for one in found:
        try:
            async with connection.transaction():  # what a refusal ends is this one alone
                accepted.append(await _give_one(making, connection, one, one.role, places))
        except RefusedChangeError as refused:
            left.append(LeftRow(one.id, refused.errors[0]))
    await _done(making, connection, accepted)
    return AcceptRow(accepted, [], left)


async def _give_one(
    making: Change,
    connection: Connection,
    one: RoleSuggestion,
    role: RoleSlug | None,
    places: Mapping[OrganizationId, OrganizationRecord],
) -> AcceptedRow:
    """As createUser does it. Raises RefusedChangeError."""
    refusal = decided(one.state)
    if refusal is None and role is None:
        refusal = no_role()
    if refusal is not None or role is None:
        raise RefusedChangeError([user_error(refusal or no_role())])
    person = PersonTyped(one.email or "", one.first_name or "", one.last_name or "", one.phone)
    roles = [RoleAsked(one.program, role, places[one.organization], one.school_year)]
    errors = problems_with(making, person, roles)
    if errors:
        raise RefusedChangeError(errors)
    made: Made = await create_or_add(making, connection, UserId(making.asking.new_id()), person, roles)
    return AcceptedRow(one.id, made.user, made.assignments[0], list(made.unapplied))


async def _done(making: Change, connection: Connection, accepted: Sequence[AcceptedRow]) -> None:
    if not accepted:
        return
    rows = [Accepted(one.suggestion, one.user, one.assignment) for one in accepted]
    await accept(connection, rows, making.caller.user, making.asking.clock.now)
    after = {
        one.suggestion: {"state": SuggestionState.ACCEPTED.value, "role_assignment": str(one.assignment)}
        for one in accepted
    }
    await _audit(making, connection, after)
    await making.tell(connection, sorted({one.user for one in accepted}))


async def _dismiss(making: Change, ids: list[UUID], rule: AnyOf, connection: Connection) -> DismissRow:
    found = await lock_suggestions(connection, ids)
    places = await _places(connection, found.values())
    ordered = [_seen(making, found.get(one), places, rule) for one in ids]
    errors = [
        user_error(refusal, "ids", str(index))
        for index, one in enumerate(ordered)
        if (refusal := decided(one.state)) is not None
    ]
    if errors:
        raise RefusedChangeError(errors)
    await dismiss(connection, ids, making.caller.user, making.asking.clock.now)
    await _audit(making, connection, {one: {"state": SuggestionState.DISMISSED.value} for one in ids})
    return DismissRow(ids, [])


async def _audit(making: Change, connection: Connection, after: Mapping[UUID, Mapping[str, object]]) -> None:
    under = acting_under(making.caller)
    before = {"state": SuggestionState.OPEN.value}
    events = [
        replace(
            making.event(Target("role_suggestion", str(one)), None, before=before, after=values), acting_under=under
        )
        for one, values in after.items()
    ]
    await record_many(connection, events)


async def _places(
    connection: Connection, found: Iterable[RoleSuggestion]
) -> Mapping[OrganizationId, OrganizationRecord]:
    return await organizations_by_ids(connection, {one.organization for one in found})


def _seen(
    making: Change,
    one: RoleSuggestion | None,
    places: Mapping[OrganizationId, OrganizationRecord],
    see: AnyOf,
) -> RoleSuggestion:
    """Raises RefusedError NOT_FOUND for what isn't there and what isn't managed."""
    place = places.get(one.organization) if one else None
    if one is None or place is None:
        raise targets.missing("suggestion")
    if not Managing(making.caller, see, one.program, one.school_year).at(place.facts):
        raise targets.missing("suggestion")
    return one
