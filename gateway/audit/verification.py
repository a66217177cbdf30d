"""Verification of the whole audit trail: every batch against its events and its forerunner, and what lies outside."""

from collections.abc import Callable
from dataclasses import dataclass

from policy.sealing import Finding, Head, judge_batch, judge_head, unsealed
from store.audit_batches import batches, events_of, hash_of_batch, outside, waiting
from store.connection import Connection

Told = Callable[[int], object]
"""Called with the number of batches verified so far."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. `head`: the last batch; to be noted where nobody who may write the database can change it."""

    findings: tuple[Finding, ...]
    batches: int
    events: int
    waiting: int
    head: Head | None


async def verify(
    connection: Connection, key: bytes, noted: Head | None = None, told: Told = lambda _: None
) -> Verified:
    """Read the whole trail, a batch at a time. `noted`: a head that was kept elsewhere.

    Inside a transaction of the caller's that sees one state of the database (repeatable read).
    """
    found: list[Finding] = []
    before: Head | None = None
    count = events = settled = 0
    async for one in batches(connection):
        stored = await events_of(connection, one.batch)
        found += judge_batch(one, before, stored, key)
        before = Head(one.batch.number, one.hash)
        count, events, settled = count + 1, events + len(stored), one.batch.settled
        told(count)
    found += unsealed(await outside(connection, settled))
    if noted is not None:
        found += judge_head(noted, await hash_of_batch(connection, noted.number))
    left = await waiting(connection)
    return Verified(tuple(found), count, events, left.events, before)
