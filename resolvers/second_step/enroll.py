"""enrollTotp: an authenticator app is set up in two steps, a secret first and then a code of it."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from policy.access import AnyOf
from resolvers.account_changes import refused
from resolvers.asking import Asking
from resolvers.passkeys.own import own_record
from resolvers.refusals import Code, RefusedError
from resolvers.second_step.set_up import SettingUp, confirm, propose
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.database import Connection
from store.factors import has_factor
from store.sessions import finish_weaker

ACTION: Final = "enrollTotp"
PATH: Final = "code"
WHAT: Final = "authenticator apps"


@dataclass(frozen=True, slots=True)
class EnrolledRow:
    """Without a code `secret` and `address`; with the right one `enrolled`, and recovery codes where she had none."""

    user_errors: list[UserError]
    secret: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    enrolled: bool = False
    recovery_codes: list[str] | None = field(default=None, repr=False)


async def carry_out(asking: Asking, code: str | None, rule: AnyOf) -> EnrolledRow:
    """Refused where the sign-in is older than ten minutes, or was weaker than what the person has already."""
    making = change(asking, ACTION, rule)
    target = Target("user", str(making.caller.user))
    work = partial(_propose, making) if code is None else partial(_confirm, making, code)
    try:
        return await making.carry_out(target, work)
    except RefusedChangeError as error:
        return EnrolledRow(error.errors)


async def _propose(making: Change, connection: Connection) -> EnrolledRow:
    asking = making.asking
    record = await own_record(making, connection, PATH, WHAT)
    token, now = asking.new_token(), asking.clock.now
    found = await propose(connection, _setting_up(making), record.email or "", token, now)
    return EnrolledRow([], found.secret, found.address)


async def _confirm(making: Change, code: str, connection: Connection) -> EnrolledRow:
    asking, user = making.asking, making.caller.user
    await own_record(making, connection, PATH, WHAT)
    first = not await has_factor(connection, user)
    found = await confirm(connection, _setting_up(making), code, asking.new_token, asking.clock.now)
    if found is None:
        raise refused(PATH, "WRONG_CODE", None, "This code isn't right.", "Type the one that the app shows now.")
    if first:
        await finish_weaker(connection, user, making.caller.session, asking.clock.now)
    await making.audit(connection, Target("user", str(user)), None)
    await making.mail(connection, "second-step-added", user)
    return EnrolledRow([], enrolled=True, recovery_codes=list(found.codes) or None)


def _setting_up(making: Change) -> SettingUp:
    """Raises RefusedError FORBIDDEN outside of a session."""
    caller = making.caller
    if caller.session is None:
        raise RefusedError(Code.FORBIDDEN, f"{ACTION} is carried out in a person's own session only.")
    return SettingUp(making.asking.accounts.totp, caller.user, caller.session)
