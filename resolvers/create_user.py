"""createUser: an account with its first roles, or roles for the account that has the address already."""

import asyncio
from dataclasses import dataclass

from policy.access import AnyOf
from policy.delegation import Recipient
from policy.facts import UserStatus
from policy.ids import AssignmentId, UserId
from resolvers import targets
from resolvers.addresses import PersonTyped, problems_of
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.giving import Judged, RoleAsked, give, judge, leas_of
from resolvers.released import address_blocked, blocked
from resolvers.targets import RoleTyped, Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.people import load_person
from store.recipients import lock_users
from store.records import UserRecord
from store.users import NewUser, create_user, set_user_status, user_by_email

ACTION = "createUser"
MOST_ROLES = 50


@dataclass(frozen=True, slots=True)
class CreateUserAsked:
    person: PersonTyped
    roles: tuple[RoleTyped, ...]
    key: str


@dataclass(frozen=True, slots=True)
class CreateUserRow:
    user: UserId | None
    unapplied: list[str]
    """Fields whose typed value differs from the account's own, which stays as it is (decisions, accounts 3)."""
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class Made:
    """Whose roles were given, which, and what of the typed data differs from the account's own."""

    user: UserId
    unapplied: tuple[str, ...] = ()
    assignments: tuple[AssignmentId, ...] = ()


async def carry_out(asking: Asking, asked: CreateUserAsked, rule: AnyOf, sight: Sight) -> CreateUserRow:
    """Raises RefusedError NOT_FOUND for an organization out of reach."""
    making = change(asking, ACTION, rule)
    roles = await asyncio.gather(*(targets.role_asked(asking, sight, one) for one in asked.roles))
    target = Target("user", "new")
    try:
        made = await making.carry_out(target, lambda connection: _create(making, connection, asked, roles))
    except RefusedChangeError as refused:
        return CreateUserRow(None, [], refused.errors)
    return CreateUserRow(made.user, list(made.unapplied), [])


async def _create(making: Change, connection: Connection, asked: CreateUserAsked, roles: list[RoleAsked]) -> Made:
    errors = list(problems_with(making, asked.person, roles))
    if errors:
        raise RefusedChangeError(errors)
    new = UserId(making.asking.new_id())
    first = await first_result(making, connection, asked.key, digest_of(asked.person, asked.roles), new)
    if first != new:
        return Made(UserId(first))
    made = await create_or_add(making, connection, new, asked.person, roles)
    await making.tell(connection, [made.user])
    return made


async def create_or_add(
    making: Change, connection: Connection, new: UserId, person: PersonTyped, roles: list[RoleAsked]
) -> Made:
    """The account `new` with these roles, or the roles for the account that has the address.

    Raises RefusedChangeError. The caller has looked for problems with what was typed, and tells whose access changed.
    """
    existing = await user_by_email(connection, person.email)
    if existing is not None:
        return await _add_to(making, connection, existing, person, roles)
    await lock_users(connection, [], leas_of(roles))
    judged = judge(making, Recipient(None, UserStatus.INVITED), roles, "roles")
    if await blocked(making.asking, connection, person.email, None):
        raise RefusedChangeError([address_blocked()])
    await create_user(
        connection, NewUser(new, person.email, person.first_name, person.last_name, person.phone, person.fax)
    )
    await making.audit(
        connection, Target("user", str(new)), judged[0].under, after={"status": UserStatus.INVITED.value}
    )
    given = await _give_all(making, connection, new, judged)
    await making.mail(connection, "invitation", new)
    return Made(new, assignments=given)


async def _add_to(
    making: Change, connection: Connection, existing: UserRecord, typed: PersonTyped, roles: list[RoleAsked]
) -> Made:
    """The account keeps its own name and number; the giver learns nothing of it beyond what she typed."""
    await lock_users(connection, [existing.id], leas_of(roles))
    loaded = await load_person(connection, existing.id)
    if loaded is None:
        raise targets.missing("person")
    person = loaded.person
    judged = judge(making, Recipient(existing.id, person.status, person.assignments), roles, "roles")
    await set_user_status(connection, existing.id, UserStatus.ACTIVE, (UserStatus.INACTIVE,))
    given = await _give_all(making, connection, existing.id, judged)
    return Made(existing.id, _differing(existing, typed), given)


async def _give_all(
    making: Change, connection: Connection, user: UserId, judged: list[Judged]
) -> tuple[AssignmentId, ...]:
    given = tuple(AssignmentId(making.asking.new_id()) for _ in judged)
    for identifier, one in zip(given, judged, strict=True):
        await give(making, connection, user, one, identifier)
    return given


def problems_with(making: Change, person: PersonTyped, roles: list[RoleAsked]) -> list[UserError]:
    """What is wrong with what was typed, before anybody looks who has the address."""
    limits = [
        pack.last_label_limit
        for one in roles
        if (pack := making.asking.packs.at(one.program, one.school_year)) and pack.last_label_limit is not None
    ]
    errors = list(problems_of(person, min(limits, default=None)))
    if not roles:
        text = "An account without a role gives nothing and is seen by nobody."
        errors.append(UserError(["input", "roles"], "REQUIRED", None, text, "Give at least one role."))
    if len(roles) > MOST_ROLES:
        text = f"{len(roles)} roles at once, where {MOST_ROLES} are allowed."
        errors.append(UserError(["input", "roles"], "TOO_MANY", None, text, "Assign the others afterwards."))
    return errors


def _differing(existing: UserRecord, typed: PersonTyped) -> tuple[str, ...]:
    compared = (
        ("firstName", existing.first_name, typed.first_name),
        ("lastName", existing.last_name, typed.last_name),
        ("phone", existing.phone, typed.phone or existing.phone),
        ("fax", existing.fax, typed.fax or existing.fax),
    )
    return tuple(name for name, stored, given in compared if stored != given)
