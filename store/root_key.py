"""The root key as it lies in the database: sealed, one row, replaced only by who has read what it replaces."""

from dataclasses import dataclass

from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class KeptRootKey:
    """`sealed` None: there is none yet. `in_use`: the database already holds keys that were sealed."""

    sealed: bytes | None
    in_use: bool


async def read_root_key(connection: Connection) -> KeptRootKey:
    row = await connection.fetchrow(statements("root_key")["read"])
    assert row is not None  # noqa: S101 - a select without from gives one row
    return KeptRootKey(row["sealed"], row["in_use"])


async def keep_root_key(connection: Connection, sealed: bytes) -> None:
    """The first one; one that is there already stays."""
    await connection.execute(statements("root_key")["keep"], sealed)


async def replace_root_key(connection: Connection, known: bytes, sealed: bytes) -> bool:
    """False: it isn't the known one any more."""
    return await connection.fetchval(statements("root_key")["replace"], known, sealed) is not None
