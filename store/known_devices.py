"""Browsers in which a person has signed in before, known by a cookie of which a hash is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.ids import UserId
from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class KnownDevice:
    id: UUID
    user_agent: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    present: bool
    """Whether it is the browser that asks."""


async def remember_device(
    connection: Connection,
    new_id: UUID,
    user: UserId,
    token_hash: bytes,
    present: Sequence[bytes],
    user_agent: str | None,
    now: datetime,
) -> bytes | None:
    """The person has signed in in the browser of the `present` hashes, which knows her by another token from now on.

    Gives the hash by which it knew her; None: it didn't.
    """
    arguments = new_id, user, token_hash, list(present), user_agent, now
    return await connection.fetchval(statements("known_devices")["remember"], *arguments)


async def known_device(connection: Connection, user: UserId, present: Sequence[bytes], since: datetime) -> UUID | None:
    """The person's device behind a cookie of these hashes, if she has signed in there since then."""
    return await connection.fetchval(statements("known_devices")["known"], user, list(present), since)


async def known_devices(
    connection: Connection, user: UserId, present: Sequence[bytes], since: datetime
) -> list[KnownDevice]:
    """Up to 100, the last seen first. `present`: the hashes of the asking browser's cookie."""
    rows = await connection.fetch(statements("known_devices")["listed"], user, list(present), since)
    return [
        KnownDevice(row["id"], row["user_agent"], row["first_seen_at"], row["last_seen_at"], row["present"])
        for row in rows
    ]


async def forget_device(connection: Connection, user: UserId, device: UUID) -> bool:
    """False: it is none of hers."""
    return await connection.fetchval(statements("known_devices")["forget"], user, device) is not None


async def forget_devices(connection: Connection, user: UserId) -> None:
    await connection.execute(statements("known_devices")["forget_all"], user)
