"""unlinkIdentity, and a person's own links to districts' identity providers."""

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from resolvers import targets
from resolvers.asking import Asking
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.identity_links import OwnLink, links_of, remove_identity_link
from store.recipients import lock_users

__all__ = ["OwnLink", "UnlinkedRow", "own", "unlink"]

UNLINK: Final = "unlinkIdentity"


@dataclass(frozen=True, slots=True)
class UnlinkedRow:
    unlinked: UUID | None
    user_errors: list[UserError]


async def own(asking: Asking) -> list[OwnLink]:
    """The caller's, in her own session; through a token there are none."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.systems is not None:
        return []
    return await asking.reads.run(partial(links_of, user=caller.user))


async def unlink(asking: Asking, link: UUID | None, rule: AnyOf) -> UnlinkedRow:
    """The sessions that came through it end, this one too if it did. Raises RefusedError NOT_FOUND for another's."""
    making = change(asking, UNLINK, rule)
    if link is None:
        raise targets.missing("link")
    target = Target("user", str(making.caller.user))
    try:
        await making.carry_out(target, partial(_unlink, making, link))
    except RefusedChangeError as refused:
        return UnlinkedRow(None, refused.errors)
    return UnlinkedRow(link, [])


async def _unlink(making: Change, link: UUID, connection: Connection) -> None:
    user = making.caller.user
    await lock_users(connection, [user])
    found = next((one for one in await links_of(connection, user) if one.id == link), None)
    if found is None or not await remove_identity_link(connection, link, user, making.asking.clock.now):
        raise targets.missing("link")
    before = {"link": str(link), "provider": str(found.provider)}
    await making.audit(connection, Target("user", str(user)), None, before=before)
