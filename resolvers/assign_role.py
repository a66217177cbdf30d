"""assignRole: one role for an account that the caller sees."""

from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.delegation import Recipient
from policy.facts import UserStatus
from policy.ids import AssignmentId, UserId
from resolvers import targets
from resolvers.asking import Asking
from resolvers.creating import digest_of, first_result
from resolvers.giving import RoleAsked, give, judge, leas_of
from resolvers.targets import RoleTyped, Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.people import load_person
from store.recipients import lock_users
from store.users import set_user_status

ACTION = "assignRole"


@dataclass(frozen=True, slots=True)
class AssignRoleAsked:
    user: UUID | None
    role: RoleTyped
    key: str


@dataclass(frozen=True, slots=True)
class AssignRoleRow:
    assignment: AssignmentId | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, asked: AssignRoleAsked, rule: AnyOf, sight: Sight) -> AssignRoleRow:
    """Raises RefusedError NOT_FOUND for a person or an organization out of reach."""
    making = change(asking, ACTION, rule)
    recipient = await targets.user(asking, sight, asked.user)
    role = await targets.role_asked(asking, sight, asked.role)
    try:
        made = await making.carry_out(
            Target("user", str(recipient.id)), lambda connection: _assign(making, connection, recipient.id, role, asked)
        )
    except RefusedChangeError as refused:
        return AssignRoleRow(None, refused.errors)
    return AssignRoleRow(made, [])


async def _assign(
    making: Change, connection: Connection, user: UserId, role: RoleAsked, asked: AssignRoleAsked
) -> AssignmentId:
    new = AssignmentId(making.asking.new_id())
    first = await first_result(making, connection, asked.key, digest_of(asked.user, asked.role), new)
    if first != new:
        return AssignmentId(first)
    await lock_users(connection, [user], leas_of([role]))
    loaded = await load_person(connection, user)
    if loaded is None:
        raise targets.missing("person")
    person = loaded.person
    (judged,) = judge(making, Recipient(user, person.status, person.assignments), [role])
    await set_user_status(connection, user, UserStatus.ACTIVE, (UserStatus.INACTIVE,))
    await give(making, connection, user, judged, new)
    await making.tell(connection, [user])
    return new
