"""Which notices of an expiry were sent: each once, whenever the daily work runs."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from store.connection import Connection
from store.statements import statements


class Expiring(StrEnum):
    CREDENTIAL = "credential"
    SIS = "sis"


async def record_notices(
    connection: Connection, kind: Expiring, sent: Sequence[tuple[UUID, int]], now: datetime
) -> None:
    """`sent`: what expires, and the mark (days before) that its notice is of."""
    subjects, days = [one for one, _ in sent], [mark for _, mark in sent]
    await connection.execute(statements("expiry_notices")["record"], kind.value, subjects, days, now)


async def purge_notices(connection: Connection, before: datetime) -> None:
    await connection.execute(statements("expiry_notices")["purge"], before)
