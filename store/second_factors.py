"""A person's authenticator app and recovery codes: each step and each code is used by compare-and-set, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from policy.ids import UserId
from store.database import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class StoredTotp:
    """`last_step`: the newest 30-second step that was used; it and everything before are worth nothing."""

    sealed: bytes = field(repr=False)
    last_step: int
    made_at: datetime


async def propose_totp(connection: Connection, user: UserId, sealed: bytes, now: datetime) -> None:
    """A secret that counts once a code of it was typed; it takes the place of one proposed before."""
    await connection.execute(statements("second_factors")["propose"], user, sealed, now)


async def proposed_totp(connection: Connection, user: UserId, since: datetime) -> bytes | None:
    """The sealed secret that is being set up; None: none was proposed since then."""
    return await connection.fetchval(statements("second_factors")["proposed"], user, since)


async def confirm_totp(connection: Connection, user: UserId, sealed: bytes, kept: bytes, step: int) -> bool:
    """The secret proposed as `sealed` counts from now on, in place of another and as `kept`; its `step` is used.

    False: another was proposed.

    Call it in a transaction that rolls back where it is False.
    """
    await connection.execute(statements("second_factors")["confirm"], user)
    found = await connection.fetchval(statements("second_factors")["confirm_proposed"], user, sealed, step, kept)
    return found is not None


async def totp_of(connection: Connection, user: UserId) -> StoredTotp | None:
    row = await connection.fetchrow(statements("second_factors")["totp"], user)
    return None if row is None else StoredTotp(row["sealed"], row["last_step"], row["made_at"])


async def has_totp(connection: Connection, user: UserId) -> bool:
    return await connection.fetchval(statements("second_factors")["has_totp"], user)


async def use_totp_step(connection: Connection, user: UserId, sealed: bytes, step: int) -> bool:
    """False: the step, or a later one, was used before, or the secret is another by now."""
    return await connection.fetchval(statements("second_factors")["use_step"], user, sealed, step) is not None


async def remove_totp(connection: Connection, user: UserId) -> None:
    await connection.execute(statements("second_factors")["remove_totp"], user)


async def put_recovery_codes(connection: Connection, user: UserId, hashes: Sequence[bytes], now: datetime) -> None:
    """These and no others from now on. Call it in a transaction that has locked the person's row."""
    await forget_recovery_codes(connection, user)
    await connection.execute(statements("second_factors")["add_recovery_codes"], user, list(hashes), now)


async def forget_recovery_codes(connection: Connection, user: UserId) -> None:
    await connection.execute(statements("second_factors")["forget_recovery_codes"], user)


async def use_recovery_code(connection: Connection, user: UserId, code_hash: bytes, now: datetime) -> bool:
    """False: it is none of hers, or was used."""
    found = await connection.fetchval(statements("second_factors")["use_recovery_code"], user, code_hash, now)
    return found is not None


async def recovery_codes_left(connection: Connection, user: UserId) -> int:
    return await connection.fetchval(statements("second_factors")["recovery_codes_left"], user)
