"""The queue as a worker reads it: pgqueuer on a connection of its own, which listens, too."""

from typing import TYPE_CHECKING, Any, cast

from store.connection import Connection
from store.database import open_connection

if TYPE_CHECKING:
    from pgqueuer.queries import Queries


async def open_queue_connection(url: str) -> Connection:
    """A connection that reads JSON as text: pgqueuer writes and reads its own, which our codec would quote again.

    Raises as `open_connection` does.
    """
    connection = await open_connection(url, application="hallpass-jobs")
    raw = cast(Any, connection)
    await raw.reset_type_codec("jsonb", schema="pg_catalog")
    return connection


def queries_on(connection: Connection) -> "Queries":
    """What pgqueuer does on the queue. The connection's search path finds its tables, no setting of its own."""
    from pgqueuer.queries import Queries

    return Queries.from_asyncpg_connection(cast(Any, connection))
