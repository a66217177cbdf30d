"""What operation asks of a database: whether it answers, its clock, and what the serving role may not do."""

from collections.abc import Sequence
from datetime import datetime

from store.database import Connection
from store.statements import statements


async def database_clock(connection: Connection) -> datetime:
    """The server's time, with its zone; that it comes back at all shows that statements are answered."""
    return await connection.fetchval(statements("health")["clock"])


async def excessive_rights(connection: Connection) -> Sequence[str]:
    """What the connection's role may do and must not: change schema or audit rows, be a superuser."""
    rows = await connection.fetch(statements("health")["excessive_rights"])
    return [row["excess"] for row in rows]
