"""A change of one person's account that answers with the person: found in sight, carried out, its refusals told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from policy.access import AnyOf
from policy.ids import UserId
from resolvers import targets
from resolvers.asking import Asking
from resolvers.targets import Sight
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection

Work = Callable[[Change, Connection, UserId], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person whose account was changed; None with the reasons why it wasn't."""

    user: UserId | None
    user_errors: list[UserError]


async def change_person(
    asking: Asking, action: str, rule: AnyOf, sight: Sight, user: UUID | None, work: Work
) -> UserRow:
    """`work` runs in the change's one transaction. Raises RefusedError NOT_FOUND for a person out of reach."""
    making = change(asking, action, rule)
    seen = await targets.user(asking, sight, user)
    try:
        await making.carry_out(Target("user", str(seen.id)), lambda connection: work(making, connection, seen.id))
    except RefusedChangeError as refused:
        return UserRow(None, refused.errors)
    return UserRow(seen.id, [])
