"""renamePasskey: what a person calls one of her passkeys."""

from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from resolvers import targets
from resolvers.asking import Asking
from resolvers.passkeys.add import PasskeyRow
from resolvers.passkeys.own import name_of
from resolvers.writing import Change, RefusedChangeError, Target, change
from store.database import Connection
from store.passkeys import Passkey, passkeys_of, rename_passkey

ACTION: Final = "renamePasskey"


async def carry_out(asking: Asking, passkey: UUID | None, name: str, rule: AnyOf) -> PasskeyRow:
    """Raises RefusedError NOT_FOUND for one that isn't hers."""
    making = change(asking, ACTION, rule)
    work = partial(_rename, making, passkey, name)
    try:
        return PasskeyRow(await making.carry_out(Target("user", str(making.caller.user)), work), [])
    except RefusedChangeError as error:
        return PasskeyRow(None, error.errors)


async def _rename(making: Change, passkey: UUID | None, name: str, connection: Connection) -> Passkey:
    user = making.caller.user
    if passkey is None or not await rename_passkey(connection, passkey, user, name_of(name)):
        raise targets.missing("passkey")
    await making.audit(connection, Target("user", str(user)), None, after={"passkey": str(passkey)})
    return next(one for one in await passkeys_of(connection, user) if one.id == passkey)
