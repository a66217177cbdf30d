"""The job `mail-batch`: gives each message of an upload its job, a slice at a time, resumed where it was cut off."""

from uuid import UUID

from gateway.state import Gateway
from store.messages import spread_slice


async def spread_batch(gateway: Gateway, payload: bytes) -> None:
    """Behind the upload's own transaction, which so never waits for a hundred thousand jobs."""
    cause = UUID(bytes=payload)
    while True:
        async with gateway.pool.acquire() as connection, connection.transaction():
            if await spread_slice(connection, cause) == 0:
                return
