"""Addresses that somebody had: kept as keyed hashes, blocked for others for 24 months (decisions, accounts 4)."""

from collections.abc import Collection
from datetime import datetime

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements


async def release_address(
    connection: Connection, address_hash: bytes, user: UserId, now: datetime, blocked_until: datetime
) -> None:
    """Keep that the person had the address until now. The hash is keyed: the edge makes it of the address's key."""
    await connection.execute(statements("released_addresses")["release"], address_hash, user, now, blocked_until)


async def blocked_addresses(
    connection: Connection, address_hashes: Collection[bytes], now: datetime, user: UserId | None
) -> frozenset[bytes]:
    """Which of the addresses were somebody else's than `user`'s and are blocked still (None: a new person)."""
    rows = await connection.fetch(statements("released_addresses")["blocked"], list(address_hashes), now, user)
    return frozenset(row["address_hash"] for row in rows)


async def any_blocked(connection: Connection, now: datetime) -> bool:
    """Whether any address is blocked at all."""
    return bool(await connection.fetchval(statements("released_addresses")["any_blocked"], now))


async def unblock_address(connection: Connection, address_hash: bytes, now: datetime) -> list[UserId]:
    """Anybody may have it from now on; whose it was, nobody's if it wasn't blocked."""
    rows = await connection.fetch(statements("released_addresses")["unblock"], address_hash, now)
    return sorted(row["user_id"] for row in rows)


async def forget_old_addresses(connection: Connection, now: datetime) -> None:
    """Those that aren't blocked any more."""
    await connection.execute(statements("released_addresses")["forget_old"], now)
