"""Single-use links that are sent to a person: an invitation, a password reset."""

from dataclasses import dataclass
from datetime import datetime

from policy.facts import UserStatus
from policy.ids import UserId
from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class AccountLink:
    user: UserId
    purpose: str
    """`invitation` or `reset`."""
    expires_at: datetime
    used: bool
    email: str | None
    first_name: str
    last_name: str
    status: UserStatus


async def insert_link(
    connection: Connection, token_hash: bytes, user: UserId, *, purpose: str, now: datetime, expires_at: datetime
) -> None:
    await connection.execute(statements("account_links")["insert"], token_hash, user, purpose, now, expires_at)


async def find_link(connection: Connection, token_hash: bytes) -> AccountLink | None:
    """Also one that was used or has expired."""
    row = await connection.fetchrow(statements("account_links")["find"], token_hash)
    if row is None:
        return None
    return AccountLink(
        UserId(row["user_id"]),
        row["purpose"],
        row["expires_at"],
        row["used"],
        row["email"],
        row["first_name"],
        row["last_name"],
        UserStatus(row["status"]),
    )


async def consume_link(connection: Connection, token_hash: bytes, now: datetime) -> UserId | None:
    """Use a link up and every other open link of the same person; None: used or expired before."""
    user = await connection.fetchval(statements("account_links")["consume"], token_hash, now)
    if user is None:
        return None
    await close_links(connection, UserId(user), now)
    return UserId(user)


async def close_links(connection: Connection, user: UserId, now: datetime) -> None:
    """Make every open link of the person useless."""
    await connection.execute(statements("account_links")["close"], user, now)
