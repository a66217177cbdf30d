"""Seals the audit trail as it grows, in every process that serves; a lock lets one of them do it at a time."""

import asyncio
from typing import Final

from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.secret_key import subkey
from gateway.state import Gateway
from policy.sealing import Head
from store.audit_batches import MOST_EVENTS, seal_next

_log = logger("hallpass.audit")
EVERY_SECONDS: Final = 60.0


def sealing_key(secret_key: bytes) -> bytes:
    """The key of the seals: without it a chain that was written anew is told from the true one."""
    return subkey(secret_key, "audit-seal")


async def keep_sealed(gateway: Gateway, every_seconds: float = EVERY_SECONDS) -> None:
    """Seal what is final, each minute until cancelled. A database that is away is asked again a minute later."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await seal_all(gateway)
        except CONNECTION_ERRORS as error:
            _log.warning("the audit trail could not be sealed", reason=type(error).__name__)


async def seal_all(gateway: Gateway) -> Head | None:
    """Seal everything that is final now. Each new head goes to the log as well: a second place that keeps it."""
    key, made = sealing_key(gateway.secret_key), None
    async with gateway.pool.acquire() as connection:
        while one := await seal_next(connection, key, gateway.now()):
            made = Head(one.batch.number, one.hash)
            _log.info("audit events are sealed", head=made.text, events=one.batch.events)
            if one.batch.events < MOST_EVENTS:
                break
    return made
