"""What happened, as triggers wrote it: put in one order, then expanded for a stream into what its receiver is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.signals import Kind
from store.connection import Connection
from store.statements import statements

_NUMBERED_AT_ONCE: Final = 10_000
_ENTRIES_AT_ONCE: Final = 500
_PEOPLE_AT_ONCE: Final = 5_000
_FORGOTTEN_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Concerned:
    """What a stream tells: which events, and of whom: holders of these roles, as (program, role, year)."""

    client_id: str
    kinds: Sequence[Kind]
    roles: Sequence[tuple[str, str, str]]


async def put_in_order(connection: Connection) -> None:
    """Give what was committed its place. Two changes of one person keep the order in which they were committed."""
    if not await connection.fetchval(statements("signal_events")["any_new"]):
        return
    async with connection.transaction():
        await connection.execute(statements("signal_events")["lock_order"])
        await connection.execute(statements("signal_events")["number"], _NUMBERED_AT_ONCE)


async def expand(connection: Connection, stream: UUID, concerned: Concerned, now: datetime) -> tuple[int, int]:
    """The next portion of what happened, for a locked stream: how many events it made of how many entries."""
    programs, roles, years = ([role[place] for role in concerned.roles] for place in range(3))
    row = await connection.fetchrow(
        statements("signal_events")["expand"], stream, concerned.client_id, list(concerned.kinds), now, programs,
        _ENTRIES_AT_ONCE, _PEOPLE_AT_ONCE, roles, years,
    )  # fmt: skip
    return (row["told"], row["expanded"]) if row is not None else (0, 0)


async def forget_told(connection: Connection) -> int:
    """Remove what every stream has, up to 10,000 entries; how many these were."""
    status = await connection.execute(statements("signal_events")["forget_told"], _FORGOTTEN_AT_ONCE)
    return int(status.rpartition(" ")[2])
