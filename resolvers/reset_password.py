"""resetPassword: a link to choose a new one; the present one and all sessions end (S0-19, S0-20, S0-51, S0-52)."""

from uuid import UUID

from policy.access import AnyOf
from policy.delegation import IdentityOperation, may_change_identity
from policy.facts import UserStatus
from policy.ids import UserId
from resolvers.account_changes import concerned, entitled
from resolvers.asking import Asking
from resolvers.person_changes import UserRow, change_person
from resolvers.targets import Sight
from resolvers.writing import Change, Target
from store.account_links import close_links
from store.database import Connection
from store.passwords import void_password
from store.sessions import finish_everything
from store.users import set_user_status

ACTION = "resetPassword"


async def carry_out(asking: Asking, user: UUID | None, rule: AnyOf, sight: Sight) -> UserRow:
    """Raises RefusedError NOT_FOUND for a person out of reach."""
    return await change_person(asking, ACTION, rule, sight, user, _reset)


async def _reset(making: Change, connection: Connection, user: UserId) -> None:
    found = await concerned(making, connection, user)
    operation = IdentityOperation.RESET_PASSWORD
    under = entitled(may_change_identity(found.actor, found.recipient, operation, making.asking.packs))
    now, before = making.asking.clock.now, found.person.status
    await set_user_status(connection, user, UserStatus.ACTIVE, (UserStatus.INACTIVE,))
    await void_password(connection, user)
    await close_links(connection, user, now)
    await finish_everything(connection, user, now, "password")
    await making.audit(
        connection, Target("user", str(user)), under,
        before={"status": before.value}, after={"status": UserStatus.ACTIVE.value},
    )  # fmt: skip
    await making.mail(connection, "password-reset", user)
    await making.tell(connection, [user])
