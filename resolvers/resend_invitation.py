"""resendInvitation: a new link of 30 days to the address as it stands; the one before is useless from now on."""

from uuid import UUID

from policy.access import AnyOf
from policy.delegation import may_resend
from policy.ids import UserId
from resolvers.account_changes import concerned, entitled
from resolvers.asking import Asking
from resolvers.person_changes import UserRow, change_person
from resolvers.targets import Sight
from resolvers.writing import Change, Target
from store.account_links import close_links
from store.database import Connection

ACTION = "resendInvitation"


async def carry_out(asking: Asking, user: UUID | None, rule: AnyOf, sight: Sight) -> UserRow:
    """Raises RefusedError NOT_FOUND for a person out of reach."""
    return await change_person(asking, ACTION, rule, sight, user, _resend)


async def _resend(making: Change, connection: Connection, user: UserId) -> None:
    found = await concerned(making, connection, user)
    under = entitled(may_resend(making.actor, found.recipient, making.asking.packs))
    await close_links(connection, user, making.asking.clock.now)
    await making.audit(connection, Target("user", str(user)), under)
    await making.mail(connection, "invitation", user)
