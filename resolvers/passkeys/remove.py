"""removePasskey: a passkey that is lost or no longer used; never the last factor of somebody who must have one."""

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.second_step import must_have_second_step
from resolvers import targets
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.passkeys.own import own_record
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.factors import has_factor
from store.passkeys import remove_passkey
from store.people import load_person
from store.second_factors import forget_recovery_codes

ACTION: Final = "removePasskey"


@dataclass(frozen=True, slots=True)
class RemovedRow:
    removed: UUID | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, passkey: UUID | None, rule: AnyOf) -> RemovedRow:
    """Raises RefusedError NOT_FOUND for one that isn't hers."""
    making = change(asking, ACTION, rule)
    target = Target("user", str(making.caller.user))
    try:
        await making.carry_out(target, partial(_remove, making, passkey))
    except RefusedChangeError as error:
        return RemovedRow(None, error.errors)
    return RemovedRow(passkey, [])


async def _remove(making: Change, passkey: UUID | None, connection: Connection) -> None:
    """What she already couldn't see isn't told apart from what isn't there."""
    user = making.caller.user
    await own_record(making, connection)
    if passkey is None or not await remove_passkey(connection, passkey, user):
        raise targets.missing("passkey")
    if not await has_factor(connection, user):
        if await must_have_one(making, connection):
            text = "It is your last second step, and a role of yours asks for one."
            remedy = "Add another passkey or an app first, then remove it."
            raise refused("passkey", "LAST_FACTOR", "state", text, remedy)
        await forget_recovery_codes(connection, user)
    await making.audit(connection, Target("user", str(user)), None, before={"passkey": str(passkey)})
    await making.mail(connection, "passkey-removed", user)


async def must_have_one(making: Change, connection: Connection) -> bool:
    """Whether a role of the caller's asks for a second step, and the deployment holds roles to it."""
    asking = making.asking
    loaded = await load_person(connection, making.caller.user)
    if loaded is None or not asking.accounts.second_step_required:
        return False
    return must_have_second_step(loaded.person, asking.packs, asking.years, asking.clock.today)
