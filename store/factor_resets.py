"""Resets of lost factors in progress: asked for by somebody entitled, confirmed by mail, applied after a day."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class FactorReset:
    id: UUID
    user: UserId
    requested_by: UserId
    requested_at: datetime
    takes_effect_at: datetime
    """Not before."""
    expires_at: datetime
    """Not confirmed until then, it lapses."""
    confirmed_at: datetime | None = None
    """When it was confirmed from the address on file."""

    def is_ready(self, now: datetime) -> bool:
        """Whether everything that it needs has happened by now."""
        return self.confirmed_at is not None and self.takes_effect_at <= now


async def begin_factor_reset(connection: Connection, new: FactorReset) -> None:
    """Takes the place of one that is open. Call it with the person's row locked."""
    await cancel_factor_resets(connection, new.user, new.requested_at)
    await connection.execute(
        statements("factor_resets")["insert"],
        new.id, new.user, new.requested_by, new.requested_at, new.takes_effect_at, new.expires_at,
    )  # fmt: skip


async def open_factor_reset(connection: Connection, reset: UUID, now: datetime) -> FactorReset | None:
    """Locked until the transaction ends; None: applied, canceled or lapsed."""
    row = await connection.fetchrow(statements("factor_resets")["open_by_id"], reset, now)
    return None if row is None else _reset(row)


async def user_of_factor_reset(connection: Connection, reset: UUID) -> UserId | None:
    """Whose it is, or was: the person is locked before it."""
    return await connection.fetchval(statements("factor_resets")["user_of"], reset)


async def factor_reset_of(connection: Connection, user: UserId, now: datetime) -> FactorReset | None:
    """The one that is open."""
    row = await connection.fetchrow(statements("factor_resets")["open_of_user"], user, now)
    return None if row is None else _reset(row)


async def confirm_factor_reset(connection: Connection, reset: UUID, now: datetime) -> None:
    await connection.execute(statements("factor_resets")["confirm"], reset, now)


async def cancel_factor_reset(connection: Connection, reset: UUID, now: datetime) -> None:
    await connection.execute(statements("factor_resets")["cancel"], reset, now)


async def cancel_factor_resets(connection: Connection, user: UserId, now: datetime) -> UUID | None:
    """Whatever is open ends; the one that could still have come to something."""
    row = await connection.fetchrow(statements("factor_resets")["cancel_open"], user, now)
    return row["id"] if row is not None and row["stopped"] else None


async def apply_factor_reset(connection: Connection, reset: UUID, now: datetime) -> bool:
    """False: it was over. The factors are the caller's to remove, in the same transaction."""
    return bool(await connection.fetchval(statements("factor_resets")["apply"], reset, now))


async def address_changed_since(connection: Connection, user: UserId, since: datetime) -> bool:
    """Whether the person has another e-mail address now."""
    return bool(await connection.fetchval(statements("factor_resets")["address_changed"], user, since))


async def readdressed_at(connection: Connection, user: UserId) -> datetime | None:
    """When somebody else last changed the person's address; None: nobody has."""
    return await connection.fetchval(statements("factor_resets")["readdressed"], user)


def _reset(row: Row) -> FactorReset:
    return FactorReset(
        row["id"],
        UserId(row["user_id"]),
        UserId(row["requested_by"]),
        row["requested_at"],
        row["takes_effect_at"],
        row["expires_at"],
        row["confirmed_at"],
    )
