"""Rows of a file that would give a new account an address which somebody else had: they are marked before judging."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from store.connection import Connection
from store.released_addresses import any_blocked, blocked_addresses
from store.upload_rows import mark_released, new_addresses


async def mark_released_addresses(
    connection: Connection, upload: UUID, address_hash: Callable[[str], bytes], now: datetime
) -> None:
    """Decisions, accounts 4. One statement where no address of the state is blocked; else some for 5,000 new ones."""
    if not await any_blocked(connection, now):
        return
    found: list[str] = []
    async for keys in new_addresses(connection, upload):
        hashed = {address_hash(key): key for key in keys}
        blocked = await blocked_addresses(connection, list(hashed), now, None)
        found += [hashed[one] for one in blocked]
    if found:
        await mark_released(connection, upload, found)
