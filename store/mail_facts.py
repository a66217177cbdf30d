"""What a mail says about people and places: read when it is sent, because the outbox holds ids and codes alone."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from policy.facts import UserStatus
from policy.ids import OrganizationId, UserId
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Whom a mail goes to; `status` is None for somebody without an account."""

    address: str = field(repr=False)
    first_name: str
    status: UserStatus | None = None


@dataclass(frozen=True, slots=True)
class OpenEmailChange:
    new_address: str = field(repr=False)
    old_lost: bool
    takes_effect_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenRegistration:
    correspondent: Correspondent
    organization: OrganizationId
    expires_at: datetime


async def correspondent(connection: Connection, user: UserId, *, hold: bool = False) -> Correspondent | None:
    """None: erased, or without an address. `hold`: it stays hers until the transaction ends."""
    row = await connection.fetchrow(statements("mail_facts")["person_held" if hold else "person"], user)
    if row is None or not row["email"] or row["status"] == UserStatus.DELETED:
        return None
    return Correspondent(row["email"], row["first_name"], UserStatus(row["status"]))


async def names_of(connection: Connection, users: Collection[UserId]) -> dict[UserId, str]:
    """First and last names; nobody who is gone."""
    rows = await connection.fetch(statements("mail_facts")["names"], list(users)) if users else []
    return {UserId(row["id"]): f"{row['first_name']} {row['last_name']}" for row in rows}


async def organization_names(connection: Connection, ids: Collection[OrganizationId]) -> dict[OrganizationId, str]:
    rows = await connection.fetch(statements("mail_facts")["organizations"], list(ids)) if ids else []
    return {OrganizationId(row["id"]): row["name"] for row in rows}


async def open_change(connection: Connection, change: UUID, now: datetime) -> OpenEmailChange | None:
    """None: applied, canceled or lapsed."""
    row = await connection.fetchrow(statements("mail_facts")["email_change"], change, now)
    return OpenEmailChange(row["new_email"], row["old_lost"], row["takes_effect_at"]) if row else None


async def factor_reset_effect(connection: Connection, reset: UUID, now: datetime) -> datetime | None:
    """When an open removal of factors takes effect, at the earliest; None: applied, canceled or lapsed."""
    return await connection.fetchval(statements("mail_facts")["factor_reset"], reset, now)


async def open_registration(connection: Connection, registration: UUID, now: datetime) -> OpenRegistration | None:
    """Somebody's own registration for Tools for Teachers; None: finished or lapsed."""
    row = await connection.fetchrow(statements("mail_facts")["registration"], registration, now)
    if row is None:
        return None
    to = Correspondent(row["email"], row["first_name"])
    return OpenRegistration(to, OrganizationId(row["organization_id"]), row["expires_at"])


async def close_earlier_links(connection: Connection, user: UserId, purpose: str, now: datetime) -> None:
    """The links of this purpose that were sent before: a mail that is sent again voids them."""
    await connection.execute(statements("mail_facts")["close_link"], user, purpose, now)


async def set_registration_link(connection: Connection, registration: UUID, token_hash: bytes) -> None:
    """In place of the link that was sent before."""
    await connection.execute(statements("mail_facts")["registration_link"], registration, token_hash)
