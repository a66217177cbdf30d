"""What relying parties that learn of changes by back-channel logout were told last, and those for whom it changed."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements

CHANGED_ACCESS: Final = "changed-access"
"""The entry point that looks at them; a trigger names it too. Its payload is a person's id, or empty for everybody."""
SLICE: Final = 200
_NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ToldAuthorization:
    """A live authorization, and the digest of what its relying party was told by it."""

    id: UUID
    client_id: str
    told: bytes


async def note_told(connection: Connection, authorization: UUID, digest: bytes) -> None:
    await connection.execute(statements("told_access")["note"], authorization, digest)


async def told_authorizations(
    connection: Connection, user: UserId | None, after: UUID | None
) -> list[ToldAuthorization]:
    """Up to 200, by id, that follow `after`; `user` None: anybody's."""
    rows = await connection.fetch(statements("told_access")["listed"], user, after or _NIL, SLICE)
    return [ToldAuthorization(row["id"], row["client_id"], row["told"]) for row in rows]


async def tell_of_change(connection: Connection, one: ToldAuthorization, digest: bytes) -> None:
    """Queue a logout notice for its relying party, once for each change."""
    await connection.execute(statements("told_access")["tell"], one.id, one.told, digest)
