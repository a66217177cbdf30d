"""Creations are repeatable: a request sent twice with one idempotency key makes one thing."""

from hashlib import sha256
from uuid import UUID

from resolvers.writing import Change, RefusedChangeError, UserError
from store.database import Connection
from store.idempotency import Claim, KeyReusedError, claim

_PATH = ["input", "idempotencyKey"]


def digest_of(*values: object) -> bytes:
    """A creation's whole input in one value, to tell a repeated request from another one with the same key."""
    return sha256(repr(values).encode()).digest()


async def first_result(making: Change, connection: Connection, key: str, digest: bytes, new: UUID) -> UUID:
    """The id of what the first request with this key made; `new` when this is the first. Raises RefusedChangeError."""
    if not 1 <= len(key) <= 200:
        text = "An idempotency key has 1 to 200 characters."
        raise RefusedChangeError([UserError(_PATH, "INVALID_KEY", None, text, "Send a UUID of your own.")])
    try:
        return await claim(connection, Claim(making.caller.user, making.action, key, digest, new))
    except KeyReusedError as error:
        raise RefusedChangeError([UserError(_PATH, "KEY_REUSED", None, str(error), "Send a new key.")]) from error
