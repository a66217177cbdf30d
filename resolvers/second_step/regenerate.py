"""regenerateRecoveryCodes: ten new ones in place of what is left; they are shown in this answer alone."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from policy.access import AnyOf
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.passkeys.own import own_record
from resolvers.second_step.set_up import new_recovery_codes
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.factors import has_factor

ACTION: Final = "regenerateRecoveryCodes"


@dataclass(frozen=True, slots=True)
class RegeneratedRow:
    recovery_codes: list[str] | None = field(repr=False)
    user_errors: list[UserError]


async def carry_out(asking: Asking, rule: AnyOf) -> RegeneratedRow:
    """Refused to somebody who has no factor for which they could stand in."""
    making = change(asking, ACTION, rule)
    target = Target("user", str(making.caller.user))
    try:
        return RegeneratedRow(await making.carry_out(target, partial(_regenerate, making)), [])
    except RefusedChangeError as error:
        return RegeneratedRow(None, error.errors)


async def _regenerate(making: Change, connection: Connection) -> list[str]:
    asking, user = making.asking, making.caller.user
    await own_record(making, connection, "recoveryCodes", "recovery codes")
    if not await has_factor(connection, user):
        text = "Recovery codes stand in for a second step, and you have none."
        raise refused("recoveryCodes", "NO_FACTOR", None, text, "Set up an authenticator app or a passkey first.")
    codes = await new_recovery_codes(connection, user, asking.new_token, asking.clock.now)
    await making.audit(connection, Target("user", str(user)), None)
    await making.mail(connection, "recovery-codes-made", user)
    return list(codes)
