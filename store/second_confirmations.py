"""What is carried out only when a second person confirms it: asked for, looked up, decided once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from policy.ids import UserId
from store.connection import Connection, Row
from store.statements import statements


class ConfirmationKind(StrEnum):
    GRANT_STATE_ROLE = "grant-state-role"
    REMOVE_STATE_ROLE = "remove-state-role"
    ERASE_PERSON = "erase-person"
    CELL_OVERRIDE = "cell-override"


class Decided(StrEnum):
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """`detail`: ids and codes of what would be done. `user`: whom it concerns; None: no single person."""

    id: UUID
    kind: ConfirmationKind
    user: UserId | None
    detail: Mapping[str, str]
    asked_by: UserId
    asked_at: datetime
    expires_at: datetime


class AlreadyAskedError(ValueError):
    """The same already waits for its confirmation."""


async def ask_for_confirmation(connection: Connection, asked: PendingConfirmation) -> None:
    """Raises AlreadyAskedError."""
    await connection.execute(statements("second_confirmations")["lapse"], asked.asked_at)
    try:
        async with connection.transaction():
            await connection.execute(
                statements("second_confirmations")["ask"], asked.id, asked.kind.value, asked.user, dict(asked.detail),
                asked.asked_by, asked.asked_at, asked.expires_at,
            )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise AlreadyAskedError("The same waits for its confirmation already.") from error


async def pending_confirmations(
    connection: Connection, kinds: Collection[ConfirmationKind], now: datetime
) -> list[PendingConfirmation]:
    """Those that can still be confirmed, the oldest first, up to 100."""
    rows = await connection.fetch(statements("second_confirmations")["open"], now, [one.value for one in kinds])
    return [_pending(row) for row in rows]


async def lock_confirmation(connection: Connection, identifier: UUID, now: datetime) -> PendingConfirmation | None:
    """None: there is none, or it is decided or too old."""
    row = await connection.fetchrow(statements("second_confirmations")["lock"], identifier, now)
    return None if row is None else _pending(row)


async def decide_confirmation(
    connection: Connection, identifier: UUID, by: UserId, now: datetime, outcome: Decided
) -> None:
    """Once it is locked."""
    await connection.execute(statements("second_confirmations")["decide"], identifier, now, by, outcome.value)


def _pending(row: Row) -> PendingConfirmation:
    return PendingConfirmation(
        row["id"], ConfirmationKind(row["kind"]), row["user_id"],
        row["detail"], row["asked_by"], row["asked_at"], row["expires_at"],
    )  # fmt: skip
