"""A connection that counts the statements sent through it."""

from typing import Any, cast

from store.connection import Connection


class CountingConnection:
    """Passes everything on to a connection; `sent` is how many statements went through."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.sent = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name in {"execute", "executemany", "fetch", "fetchrow", "fetchval"}:
            self.sent += 1
        return found


def counting(connection: Connection) -> tuple[Connection, CountingConnection]:
    """The connection to hand over, and the same one to read `sent` of."""
    counter = CountingConnection(connection)
    return cast(Connection, counter), counter
