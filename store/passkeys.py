"""Passkeys of people: what is kept of each, and by which random handle authenticators know the person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Passkey:
    """`public_key` is a COSE_Key; `copied_at`: its counter went back then, so that it is refused since."""

    id: UUID
    user: UserId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]
    aaguid: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None = None
    copied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnedPasskey:
    """A passkey with the handle of the person whose it is."""

    passkey: Passkey
    handle: bytes


async def handle_of(connection: Connection, user: UserId, new: bytes) -> bytes:
    """The 32 bytes by which authenticators know the person; `new` becomes hers where she has none yet."""
    await connection.execute(statements("passkeys")["new_handle"], user, new)
    return await connection.fetchval(statements("passkeys")["handle"], user)


async def insert_passkey(connection: Connection, new: Passkey) -> bool:
    """False: a passkey with this credential id is kept already, whoever's it is."""
    return bool(
        await connection.fetchval(
            statements("passkeys")["insert"],
            new.id, new.user, new.credential_id, new.public_key, new.sign_count, new.backup_eligible, new.backed_up,
            list(new.transports), new.aaguid, new.name, new.added_at,
        )
    )  # fmt: skip


async def passkeys_of(connection: Connection, user: UserId) -> list[Passkey]:
    """The oldest first."""
    return [_passkey(row) for row in await connection.fetch(statements("passkeys")["of_user"], user)]


async def count_passkeys(connection: Connection, user: UserId) -> int:
    return await connection.fetchval(statements("passkeys")["count"], user)


async def owner_of_credential(connection: Connection, credential_id: bytes) -> UserId | None:
    """Whose it is, before anything is locked: the person is locked before her passkey."""
    return await connection.fetchval(statements("passkeys")["owner"], credential_id)


async def may_enter(connection: Connection, user: UserId, now: datetime) -> bool:
    """Whether her account is active, until the transaction ends; the time of signing in is noted."""
    return await connection.fetchval(statements("passkeys")["entering"], user, now)


async def passkey_by_credential(connection: Connection, credential_id: bytes) -> OwnedPasskey | None:
    """Locked until the transaction ends: of two answers with the same counter one is refused."""
    row = await connection.fetchrow(statements("passkeys")["by_credential"], credential_id)
    return None if row is None else OwnedPasskey(_passkey(row), row["handle"])


async def passkey_used(
    connection: Connection, passkey: UUID, now: datetime, *, sign_count: int, backed_up: bool
) -> None:
    await connection.execute(statements("passkeys")["used"], passkey, sign_count, backed_up, now)


async def passkey_copied(connection: Connection, passkey: UUID, now: datetime) -> None:
    """From now on it is refused."""
    await connection.execute(statements("passkeys")["copied"], passkey, now)


async def rename_passkey(connection: Connection, passkey: UUID, user: UserId, name: str) -> bool:
    """False: it isn't hers."""
    return bool(await connection.fetchval(statements("passkeys")["rename"], passkey, user, name))


async def remove_passkey(connection: Connection, passkey: UUID, user: UserId) -> bool:
    """False: it isn't hers."""
    return bool(await connection.fetchval(statements("passkeys")["remove"], passkey, user))


async def remove_passkeys(connection: Connection, user: UserId) -> int:
    """How many she had. Her handle stays: an authenticator replaces what it keeps under the same one."""
    await connection.execute(statements("passkeys")["forget_ceremonies"], user)
    return await connection.fetchval(statements("passkeys")["remove_all"], user)


def _passkey(row: Row) -> Passkey:
    return Passkey(
        row["id"],
        UserId(row["user_id"]),
        row["credential_id"],
        row["public_key"],
        row["sign_count"],
        row["backup_eligible"],
        row["backed_up"],
        tuple(row["transports"]),
        row["aaguid"],
        row["name"],
        row["added_at"],
        row["last_used_at"],
        row["copied_at"],
    )
