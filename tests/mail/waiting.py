"""Waits until rows are as a test expects them; nothing tells when they change."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from store.database import Connection

Delivery = tuple[str, int, int | None, str | None]


async def eventually(asked: Callable[[], Awaitable[object]], seconds: float = 20) -> None:
    """Until the answer is true."""
    async with asyncio.timeout(seconds):
        while not await asked():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)


async def delivery(connection: Connection, id_: UUID) -> Delivery:
    """State, attempts, the server's code, and why it isn't sent."""
    row = await connection.fetchrow("select state, attempts, answer_code, problem from messages where id = $1", id_)
    assert row is not None
    return row["state"], row["attempts"], row["answer_code"], row["problem"]


async def until(connection: Connection, id_: UUID, state: str) -> Delivery:
    """The delivery, once it has come to that state."""

    async def reached() -> bool:
        return (await delivery(connection, id_))[0] == state

    await eventually(reached)
    return await delivery(connection, id_)


async def nothing_in_hand(connection: Connection) -> None:
    """Until no worker has a job."""

    async def idle() -> bool:
        return await connection.fetchval("select count(*) = 0 from pgqueuer where status = 'picked'")

    await eventually(idle)


async def emptied(connection: Connection) -> None:
    """Until the queue is empty."""

    async def empty() -> bool:
        return await connection.fetchval("select count(*) = 0 from pgqueuer")

    await eventually(empty)


async def at_once(connection: Connection) -> None:
    """What waits for its next attempt is due now."""
    await connection.execute("update pgqueuer set execute_after = now() where status = 'queued'")
