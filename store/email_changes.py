"""Changes of an e-mail address in progress: confirmed from both addresses, or after a day where the old one is lost."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection, Row
from store.keys_of import email_key
from store.statements import statements


@dataclass(frozen=True, slots=True)
class EmailChange:
    """`takes_effect_at` is set where the old address is lost: not before, and only with the new one confirmed."""

    id: UUID
    user: UserId
    new_email: str
    old_lost: bool
    requested_by: UserId
    requested_at: datetime
    expires_at: datetime
    takes_effect_at: datetime | None = None
    old_confirmed_at: datetime | None = None
    new_confirmed_at: datetime | None = None

    def is_ready(self, now: datetime) -> bool:
        """Whether everything that it needs has happened by now."""
        if self.new_confirmed_at is None:
            return False
        if self.old_lost:
            return self.takes_effect_at is not None and self.takes_effect_at <= now
        return self.old_confirmed_at is not None


async def begin_email_change(connection: Connection, new: EmailChange) -> None:
    """Takes the place of one that is open. Call it with the person's row locked."""
    await cancel_email_changes(connection, new.user, new.requested_at)
    await connection.execute(
        statements("email_changes")["insert"],
        new.id, new.user, new.new_email, email_key(new.new_email), new.old_lost, new.requested_by, new.requested_at,
        new.expires_at, new.takes_effect_at,
    )  # fmt: skip


async def open_email_change(connection: Connection, change: UUID, now: datetime) -> EmailChange | None:
    """Locked until the transaction ends; None: applied, canceled or lapsed."""
    row = await connection.fetchrow(statements("email_changes")["open_by_id"], change, now)
    return None if row is None else _change(row)


async def confirm_old_address(connection: Connection, change: UUID, now: datetime) -> None:
    await connection.execute(statements("email_changes")["confirm_old"], change, now)


async def confirm_new_address(connection: Connection, change: UUID, now: datetime) -> None:
    await connection.execute(statements("email_changes")["confirm_new"], change, now)


async def cancel_email_changes(connection: Connection, user: UserId, now: datetime) -> None:
    """Whatever is open ends; the address that was asked for is forgotten."""
    await connection.execute(statements("email_changes")["cancel_open"], user, now)


async def cancel_email_change(connection: Connection, change: UUID, now: datetime) -> UserId | None:
    """Whose it was; None: it was over already."""
    return await connection.fetchval(statements("email_changes")["cancel"], change, now)


async def apply_email_change(connection: Connection, change: UUID, now: datetime) -> UserId | None:
    """Whose address is another now; None: it was over, or the account is suspended or deleted.

    Raises asyncpg.UniqueViolationError where somebody else has the address by now.
    """
    user = await connection.fetchval(statements("email_changes")["apply"], change, now)
    if user is not None:
        await connection.execute(statements("email_changes")["forget_applied"], change)
    return user


def _change(row: Row) -> EmailChange:
    return EmailChange(
        row["id"],
        row["user_id"],
        row["new_email"],
        row["old_lost"],
        row["requested_by"],
        row["requested_at"],
        row["expires_at"],
        row["takes_effect_at"],
        row["old_confirmed_at"],
        row["new_confirmed_at"],
    )
