"""Password hashes of accounts: read by their owner's own pages, set by her alone, made void by a reset."""

from dataclasses import dataclass, field
from datetime import datetime

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class PasswordOwner:
    """An active person, with what her password must not be made of."""

    user: UserId
    password_hash: str | None = field(repr=False)
    email: str
    first_name: str
    last_name: str
    set_at: datetime


async def password_owner(connection: Connection, user: UserId) -> PasswordOwner | None:
    """None: the account isn't active."""
    row = await connection.fetchrow(statements("passwords")["of_user"], user)
    if row is None:
        return None
    return PasswordOwner(user, row["password_hash"], row["email"], row["first_name"], row["last_name"], row["set_at"])


async def set_password(
    connection: Connection, user: UserId, password_hash: str, now: datetime, *, keep: int, instead_of: str | None = None
) -> bool:
    """A new password; the latest `keep` earlier ones are remembered, the one that goes included.

    False: the account isn't active, or its password isn't `instead_of` any more, where that is given. Sessions and
    links are the caller's to end.
    """
    await connection.execute(statements("passwords")["keep_earlier"], user)
    await connection.execute(statements("passwords")["forget_earlier"], user, keep)
    done = await connection.fetchval(statements("passwords")["set"], user, password_hash, now, instead_of)
    return done is not None


async def earlier_passwords(connection: Connection, user: UserId, most: int) -> list[str]:
    """Hashes of earlier passwords, the latest first."""
    return [row["password_hash"] for row in await connection.fetch(statements("passwords")["earlier"], user, most)]


async def void_password(connection: Connection, user: UserId) -> None:
    """Nobody can sign in with the present one any more; it is remembered until another is set."""
    await connection.execute(statements("passwords")["keep_earlier"], user)
    await connection.execute(statements("passwords")["void"], user)
