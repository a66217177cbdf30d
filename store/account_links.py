"""Single-use links that are sent to a person: an invitation, a reset, the confirmation of a new address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from policy.facts import UserStatus
from policy.ids import UserId
from store.database import Connection
from store.statements import statements


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    EMAIL_OLD = "email-old"
    """Confirms a change of address from the old one."""
    EMAIL_NEW = "email-new"
    """Confirms it from the new one."""
    EMAIL_STOP = "email-stop"
    """Stops a change that somebody else asked for."""
    FACTORS_CONFIRM = "factors-confirm"
    """Confirms, or stops, the removal of all second factors."""
    FACTORS_STOP = "factors-stop"
    """Stops it once it is confirmed."""


PASSWORD_LINKS = (LinkPurpose.INVITATION, LinkPurpose.RESET)
"""Links by which a password is set: one that is used makes the others useless."""
FACTOR_LINKS = (LinkPurpose.FACTORS_CONFIRM, LinkPurpose.FACTORS_STOP)
EMAIL_LINKS = (LinkPurpose.EMAIL_OLD, LinkPurpose.EMAIL_NEW, LinkPurpose.EMAIL_STOP)


@dataclass(frozen=True, slots=True)
class AccountLink:
    user: UserId
    purpose: str
    """One of LinkPurpose."""
    expires_at: datetime
    used: bool
    email: str | None
    first_name: str
    last_name: str
    status: UserStatus
    email_change: UUID | None = None
    """The change that it confirms or stops."""
    factor_reset: UUID | None = None
    """The removal of factors that it confirms or stops."""


async def insert_link(
    connection: Connection,
    token_hash: bytes,
    user: UserId,
    *,
    purpose: str,
    now: datetime,
    expires_at: datetime,
    email_change: UUID | None = None,
    factor_reset: UUID | None = None,
) -> None:
    """A link's hash is kept, the link itself is only sent."""
    await connection.execute(
        statements("account_links")["insert"], token_hash, user, purpose, now, expires_at, email_change, factor_reset
    )


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
        row["email_change_id"],
        row["factor_reset_id"],
    )


async def consume_link(connection: Connection, token_hash: bytes, now: datetime) -> UserId | None:
    """Use a password link up and every other open one of the same person; None: used or expired before."""
    user = await consume_one_link(connection, token_hash, now)
    if user is not None:
        await close_links(connection, user, now)
    return user


async def consume_one_link(connection: Connection, token_hash: bytes, now: datetime) -> UserId | None:
    """Use this link up; None: used or expired before."""
    user = await connection.fetchval(statements("account_links")["consume"], token_hash, now)
    return None if user is None else UserId(user)


async def close_links(
    connection: Connection, user: UserId, now: datetime, purposes: Collection[LinkPurpose] = PASSWORD_LINKS
) -> None:
    """Make every open link of these purposes useless."""
    await connection.execute(statements("account_links")["close"], user, now, [one.value for one in purposes])


async def link_made_since(connection: Connection, user: UserId, purpose: LinkPurpose, since: datetime) -> bool:
    """Whether an open link was made after that moment."""
    return bool(await connection.fetchval(statements("account_links")["made_since"], user, purpose.value, since))
