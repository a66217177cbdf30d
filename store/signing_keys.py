"""Signing keys as they lie in the database: private halves encrypted by whoever writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class SealedKey:
    kid: str
    alg: str
    public_jwk: Mapping[str, str]
    private_key: bytes
    """Encrypted; opaque to the store."""
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None = None
    published_until: datetime | None = None


async def published_keys(connection: Connection, now: datetime) -> tuple[SealedKey, ...]:
    """Keys that verifiers must know now, the one that signs first first."""
    rows = await connection.fetch(statements("signing_keys")["published"], now)
    return tuple(
        SealedKey(
            row["kid"],
            row["alg"],
            row["public_jwk"],
            row["private_key"],
            row["created_at"],
            row["signs_from"],
            row["signs_until"],
            row["published_until"],
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class RetiredKey:
    """The public half of a key that is not published any more."""

    kid: str
    alg: str
    public_jwk: Mapping[str, str]


async def retired_keys(connection: Connection, now: datetime, since: datetime) -> tuple[RetiredKey, ...]:
    """Keys that are not published any more and signed until after `since`, the one that signed first first."""
    rows = await connection.fetch(statements("signing_keys")["retired"], now, since)
    return tuple(RetiredKey(row["kid"], row["alg"], row["public_jwk"]) for row in rows)


async def lock_signing_keys(connection: Connection) -> None:
    """Make other makers of keys wait until this transaction ends."""
    await connection.execute(statements("signing_keys")["lock"])


async def insert_key(connection: Connection, key: SealedKey) -> None:
    await connection.execute(
        statements("signing_keys")["insert"],
        key.kid,
        key.alg,
        dict(key.public_jwk),
        key.private_key,
        key.created_at,
        key.signs_from,
    )


async def retire_others(
    connection: Connection, alg: str, kid: str, signs_until: datetime, published_until: datetime
) -> None:
    """Let every other key of the algorithm sign until `signs_until` and be published until `published_until`."""
    await connection.execute(statements("signing_keys")["retire"], alg, kid, signs_until, published_until)
