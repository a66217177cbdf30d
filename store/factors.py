"""Which second factors a person has, whatever their kind."""

from policy.ids import UserId
from store.connection import Connection
from store.known_devices import forget_devices
from store.passkeys import remove_passkeys
from store.second_factors import forget_recovery_codes, remove_totp
from store.statements import statements

_REMOVED = ("remove_apps", "remove_recovery_codes", "forget_devices", "end_pending")


async def remove_factors(connection: Connection, user: UserId) -> None:
    """All of them, and what stands for them: the next sign-in sets a second step up anew, from a browser not known."""
    await remove_passkeys(connection, user)
    await remove_totp(connection, user)
    await forget_recovery_codes(connection, user)
    await forget_devices(connection, user)
    for name in _REMOVED:
        await connection.execute(statements("factors")[name], user)


async def has_factor(connection: Connection, user: UserId) -> bool:
    """Whether there is anything besides the password by which she proves herself."""
    return bool(await connection.fetchval(statements("factors")["has"], user))
