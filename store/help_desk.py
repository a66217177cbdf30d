"""The last failed sign-in of a person, and the links that were sent to her; hashes and addresses stay out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements


class FailedWhy(StrEnum):
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a reason's name
    NOT_ACTIVE = "not-active"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class FailureRecord:
    failed_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class LinkRecord:
    purpose: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


async def note_failure(connection: Connection, email_key: str, why: FailedWhy, now: datetime) -> None:
    """Of the account with this address, if there is one: the same statement either way."""
    await connection.execute(statements("help_desk")["note"], email_key, now, why.value)


async def last_failure_of(connection: Connection, user: UserId) -> FailureRecord | None:
    row = await connection.fetchrow(statements("help_desk")["last"], user)
    return None if row is None else FailureRecord(row["failed_at"], row["why"])


async def links_of(connection: Connection, user: UserId) -> list[LinkRecord]:
    rows = await connection.fetch(statements("help_desk")["links"], user)
    return [LinkRecord(row["purpose"], row["created_at"], row["expires_at"], row["used_at"]) for row in rows]
