"""The daily purge of what is kept long enough."""

from gateway.outbox.daily import Day
from policy.retention import Kept
from store.connection import Connection
from store.retention import purge_some


async def purge(day: Day, connection: Connection) -> str | None:
    """One kind after the other, in parts; the position is the kind at which the next part begins."""
    kinds = list(Kept)
    kind = Kept(day.position) if day.position else kinds[0]
    if await purge_some(connection, kind, day.gateway.now()):
        return kind.value
    following = kinds.index(kind) + 1
    return kinds[following].value if following < len(kinds) else None
