"""Idempotency keys of creations: claimed in the creation's transaction, so that a repeated request creates nothing."""

from dataclasses import dataclass
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Claim:
    """A creation that somebody asked for: `digest` is of the whole input, `result` the id of what it would make."""

    actor: UserId
    mutation: str
    key: str
    digest: bytes
    result: UUID


class KeyReusedError(ValueError):
    """The key was used for another input; the message says what to do."""


async def claim(connection: Connection, wanted: Claim) -> UUID:
    """The id of what the first request with this key made: the claim's own `result` when this is the first.

    Inside the creation's transaction; waits for an unfinished first request. Raises KeyReusedError.
    """
    key = (wanted.actor, wanted.mutation, wanted.key)
    done = await connection.execute(statements("idempotency")["claim"], *key, wanted.digest, wanted.result)
    if done == "INSERT 0 1":
        return wanted.result
    row = await connection.fetchrow(statements("idempotency")["read"], *key)
    if row is None or row["input_digest"] != wanted.digest:
        raise KeyReusedError("This idempotencyKey was used for another input: send a new key with a new input.")
    return row["result_id"]
