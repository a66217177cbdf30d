"""removeTotp and forgetDevice: an app that is no longer used, and a browser that isn't to be known any more."""

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from resolvers import targets
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.passkeys.own import own_record
from resolvers.passkeys.remove import must_have_one
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.factors import has_factor
from store.known_devices import forget_device
from store.second_factors import forget_recovery_codes, has_totp, remove_totp

REMOVE: Final = "removeTotp"
FORGET: Final = "forgetDevice"


@dataclass(frozen=True, slots=True)
class RemovedTotpRow:
    removed: bool
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class ForgottenRow:
    forgotten: UUID
    user_errors: list[UserError]


async def remove(asking: Asking, rule: AnyOf) -> RemovedTotpRow:
    """Never the last factor of somebody who must have one."""
    making = change(asking, REMOVE, rule)
    target = Target("user", str(making.caller.user))
    try:
        await making.carry_out(target, partial(_remove, making))
    except RefusedChangeError as error:
        return RemovedTotpRow(False, error.errors)
    return RemovedTotpRow(True, [])


async def forget(asking: Asking, device: UUID | None, rule: AnyOf) -> ForgottenRow:
    """Raises RefusedError NOT_FOUND for one that isn't hers. It takes away trust alone, so any session of hers may."""
    making = change(asking, FORGET, rule)
    if device is None:
        raise targets.missing("device")
    await making.carry_out(Target("user", str(making.caller.user)), partial(_forget, making, device))
    return ForgottenRow(device, [])


async def _remove(making: Change, connection: Connection) -> None:
    user = making.caller.user
    await own_record(making, connection, "totp", "authenticator apps")
    if not await has_totp(connection, user):
        raise refused("totp", "NONE", None, "You have no authenticator app here.", "There is nothing to remove.")
    await remove_totp(connection, user)
    if not await has_factor(connection, user):
        if await must_have_one(making, connection):
            text = "It is your last second step, and a role of yours asks for one."
            raise refused("totp", "LAST_FACTOR", "state", text, "Add a passkey first, or set up another app instead.")
        await forget_recovery_codes(connection, user)
    await making.audit(connection, Target("user", str(user)), None)
    await making.mail(connection, "second-step-removed", user)


async def _forget(making: Change, device: UUID, connection: Connection) -> None:
    if not await forget_device(connection, making.caller.user, device):
        raise targets.missing("device")
    await making.audit(connection, Target("user", str(making.caller.user)), None, before={"device": str(device)})
