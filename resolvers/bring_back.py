"""bringBackLastYear: earlier roles given anew by ticking names, many at once, each judged, all of them or none."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from policy.access import AnyOf
from policy.bringing_back import may_bring_back, sight_of
from policy.delegation import Recipient, Refusal
from policy.facts import Assignment, Organization
from policy.ids import AssignmentId, OrganizationId, RoleSlug, SchoolYear, UserId
from resolvers import targets
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.earlier_assignments import proposal_of, since_given
from resolvers.giving import Judged, RoleAsked, give
from resolvers.refusals import bad_input
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change, user_error
from store.database import Connection
from store.earlier_assignments import EarlierAssignment, earlier_by_ids, leave_out, take_in, wake
from store.organizations import organizations_by_ids
from store.people import load_people
from store.recipients import lock_users
from store.records import OrganizationRecord

ACTION = "bringBackLastYear"
MOST = 500


class Choice(StrEnum):
    """What becomes of somebody's earlier role."""

    SAME_ROLE = "same-role"
    NEW_ROLE = "new-role"
    NOT_THIS_YEAR = "not-this-year"


@dataclass(frozen=True, slots=True)
class Ticked:
    """`role`: what is given instead, with NEW_ROLE. `organization`: where, if not where it was (a merged school's)."""

    assignment: UUID | None
    choice: Choice
    role: RoleSlug | None = None
    organization: UUID | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class BringBackAsked:
    into: SchoolYear
    people: tuple[Ticked, ...]
    key: str


@dataclass(frozen=True, slots=True)
class BringBackRow:
    """`given`: the new assignments, in the order of the names; `left_out`: how many are not brought back."""

    given: list[AssignmentId]
    left_out: int
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the ticked names are about, as it is while nobody else can change it."""

    earlier: Mapping[AssignmentId, EarlierAssignment]
    places: Mapping[OrganizationId, OrganizationRecord]
    recipients: dict[UserId, Recipient]


async def carry_out(asking: Asking, asked: BringBackAsked, rule: AnyOf, see: AnyOf, sight: Sight) -> BringBackRow:
    """`see`: the rule of seeing who holds a role. Raises RefusedError NOT_FOUND for a role or place out of reach."""
    making = change(asking, ACTION, rule)
    if not 1 <= len(asked.people) <= MOST:
        raise bad_input(f"{ACTION} takes 1 to {MOST} names at once, not {len(asked.people)}.")
    if len({one.assignment for one in asked.people}) != len(asked.people):
        raise bad_input("A name is ticked twice.")
    elsewhere = {one.organization for one in asked.people if one.elsewhere}
    await asyncio.gather(*(targets.organization(asking, sight, one) for one in elsewhere))
    try:
        return await making.carry_out(
            Target("school_year", asked.into), lambda connection: _bring_back(making, connection, asked, see)
        )
    except RefusedChangeError as refused:
        return BringBackRow([], 0, refused.errors)


async def _bring_back(making: Change, connection: Connection, asked: BringBackAsked, see: AnyOf) -> BringBackRow:
    new = making.asking.new_id()
    left = [one for one in asked.people if one.choice is Choice.NOT_THIS_YEAR]
    if await first_result(making, connection, asked.key, digest_of(asked.into, asked.people), new) != new:
        return BringBackRow([], len(left), [])
    facts = await _load(making, connection, asked, see)
    judged = _judge(making, asked, facts)
    given = [AssignmentId(making.asking.new_id()) for _ in judged]
    users = sorted({one.user for _, one in judged})
    for user in await wake(connection, users):
        await making.mail(connection, "invitation", user)
    for identifier, (role, earlier) in zip(given, judged, strict=True):
        await give(making, connection, earlier.user, role, identifier)
    await take_in(connection, [one.id for _, one in judged], asked.into)
    left_ids = [AssignmentId(one.assignment) for one in left if one.assignment]
    await leave_out(connection, left_ids, asked.into, making.caller.user, making.asking.clock.now)
    if left_ids:
        after = {"into": asked.into, "left_out": [str(one) for one in left_ids]}
        await making.audit(connection, Target("school_year", asked.into), None, after=after)
    await making.tell(connection, users)
    return BringBackRow(given, len(left), [])


async def _load(making: Change, connection: Connection, asked: BringBackAsked, see: AnyOf) -> _Facts:
    ids = [AssignmentId(one.assignment) for one in asked.people if one.assignment]
    first = await earlier_by_ids(connection, ids, asked.into)
    await lock_users(connection, sorted({one.user for one in first.values()}))
    earlier = await earlier_by_ids(connection, ids, asked.into)
    for ticked in asked.people:
        one = earlier.get(AssignmentId(ticked.assignment)) if ticked.assignment else None
        if one is None or not _is_seen(making, one, asked.into, see):
            raise targets.missing("role assignment")
    people = await load_people(connection, {one.user for one in earlier.values()})
    where = {one.organization.id for one in earlier.values()}
    where |= {OrganizationId(one.organization) for one in asked.people if one.organization}
    recipients = {
        user: Recipient(user, loaded.person.status, loaded.person.assignments) for user, loaded in people.items()
    }
    return _Facts(earlier, await organizations_by_ids(connection, where), recipients)


def _is_seen(making: Change, one: EarlierAssignment, into: SchoolYear, see: AnyOf) -> bool:
    seen = sight_of(making.caller, see, one.organization, one.program, into)
    return seen is not None and (not seen.roles or one.role in seen.roles)


def _judge(making: Change, asked: BringBackAsked, facts: _Facts) -> list[tuple[Judged, EarlierAssignment]]:
    """Each in turn, as if those before it were held. Raises RefusedChangeError with every refusal."""
    errors: list[UserError] = []
    found: list[tuple[Judged, EarlierAssignment]] = []
    for index, ticked in enumerate(asked.people):
        if ticked.choice is Choice.NOT_THIS_YEAR or ticked.assignment is None:
            continue
        one = facts.earlier[AssignmentId(ticked.assignment)]
        verdict = _judge_one(making, ticked, one, asked.into, facts)
        if isinstance(verdict, Judged):
            found.append((replace(verdict, path=("people", str(index))), one))
        else:
            errors.append(user_error(verdict, "people", str(index)))
    if errors:
        raise RefusedChangeError(errors)
    return found


def _judge_one(
    making: Change, ticked: Ticked, one: EarlierAssignment, into: SchoolYear, facts: _Facts
) -> Judged | Refusal:
    asking = making.asking
    if not one.school_year < into and one.organization.active:
        return Refusal(
            "assignment", "NOT_EARLIER", "", "The role isn't of an earlier year.", "Assign the role instead."
        )
    if (ticked.role is not None) != (ticked.choice is Choice.NEW_ROLE):
        return Refusal("role", "ROLE_AND_CHOICE", "", "A role is named with NEW_ROLE only, and always.", "Name one.")
    place = facts.places.get(OrganizationId(ticked.organization) if ticked.organization else one.organization.id)
    if place is None:
        raise targets.missing("organization")
    recipient = facts.recipients[one.user]
    where: Organization = place.facts
    proposal = proposal_of(one, into, ticked.role, where)
    verdict = may_bring_back(making.actor, recipient, proposal, since_given(one), asking.packs, asking.years)
    if verdict.refusal is not None or verdict.under is None:
        return verdict.refusal or _not_given()
    held = Assignment(AssignmentId(asking.new_id()), proposal.program, proposal.role, where, into)
    facts.recipients[one.user] = replace(recipient, assignments=(*recipient.assignments, held))
    return Judged(RoleAsked(proposal.program, proposal.role, place, into), verdict.under)


def _not_given() -> Refusal:
    return Refusal("role", "NOT_ASSIGNABLE", "S0-30", "Your role doesn't give this.", "Ask somebody above you.")
