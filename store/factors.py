"""Which second factors a person has, whatever their kind."""

from policy.ids import UserId
from store.connection import Connection
from store.passkeys import remove_passkeys
from store.statements import statements


async def remove_factors(connection: Connection, user: UserId) -> None:
    """All of them, and what stands for them: the next sign-in sets a second step up anew."""
    await remove_passkeys(connection, user)


async def has_factor(connection: Connection, user: UserId) -> bool:
    """Whether there is anything besides the password by which she proves herself."""
    return bool(await connection.fetchval(statements("factors")["has"], user))
