"""Personal data kept encrypted with a key per person, so that erasing a person destroys her key and nothing else."""

import base64
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements

Personal = Mapping[UserId, Mapping[str, str]]
"""What is told of persons: by user, a text for each field (`email`, `first_name` …)."""

_KEY_BYTES = 32
_NONCE_BYTES = 12


class PersonalDataError(Exception):
    """A person's key can't be used under this deployment's secret key; the message says so."""


@dataclass(frozen=True, slots=True)
class PersonalKeys:
    """The keys of persons, wrapped under the 32 bytes of `master`: a key derived from the deployment's secret key.

    AES-256-GCM (NIST SP 800-38D) with random nonces, bound to the person: what is one's doesn't open as another's.
    """

    master: bytes = field(repr=False)

    async def seal(self, connection: Connection, many: Sequence[Personal]) -> list[dict[str, str] | None]:
        """Each mapping as {user id: base64 of nonce and ciphertext}, keys made where they lack; of the erased, nothing.

        Must run in the transaction that stores the result. One or two statements, however many.
        """
        users = {user for one in many for user in one}
        if not users:
            return [None] * len(many)
        ciphers = {user: AESGCM(key) for user, key in (await self._keys(connection, users)).items()}
        return [_sealed(ciphers, one) for one in many]

    async def open(self, connection: Connection, many: Sequence[Mapping[str, str] | None]) -> list[Personal]:
        """What `seal` was given, but for those who were erased since. Raises PersonalDataError."""
        users = {UserId(UUID(text)) for one in many for text in one or ()}
        known = await self._known(connection, users) if users else {}
        ciphers = {str(user): (user, AESGCM(key)) for user, key in known.items() if key is not None}
        return [_opened(ciphers, one or {}) for one in many]

    async def _keys(self, connection: Connection, users: Collection[UserId]) -> dict[UserId, bytes]:
        """The keys of all but the erased, made where there is none yet."""
        known = await self._known(connection, users)
        missing = sorted(user for user in users if user not in known)
        if missing:
            known |= await self._made(connection, missing)
        return {user: key for user, key in known.items() if key is not None}

    async def _made(self, connection: Connection, users: Sequence[UserId]) -> dict[UserId, bytes | None]:
        """New keys; another transaction's where it was faster."""
        size = _KEY_BYTES + _NONCE_BYTES
        fresh = os.urandom(len(users) * size)
        wrapping = AESGCM(self.master)
        made: dict[UserId, bytes | None] = {}
        wrapped: list[bytes] = []
        for user, start in zip(users, range(0, len(fresh), size), strict=True):
            key, nonce = fresh[start : start + _KEY_BYTES], fresh[start + _KEY_BYTES : start + size]
            made[user] = key
            wrapped.append(nonce + wrapping.encrypt(nonce, key, user.bytes))
        added = await connection.fetch(statements("personal_data")["add"], users, wrapped)
        if len(added) < len(users):
            others = made.keys() - {row["user_id"] for row in added}
            made |= await self._known(connection, others)
        return made

    async def _known(self, connection: Connection, users: Collection[UserId]) -> dict[UserId, bytes | None]:
        wrapping = AESGCM(self.master)
        rows = await connection.fetch(statements("personal_data")["read"], list(users))
        return {
            row["user_id"]: None if row["wrapped"] is None else _unwrap(wrapping, row["user_id"], row["wrapped"])
            for row in rows
        }


async def erase_personal_key(connection: Connection, user: UserId, now: datetime) -> None:
    """Destroy the person's key for good: what was encrypted with it can't be read anymore, and no other is made."""
    await connection.execute(statements("personal_data")["erase"], user, now)


def _unwrap(wrapping: AESGCM, user: UserId, wrapped: bytes) -> bytes:
    try:
        return wrapping.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], user.bytes)
    except InvalidTag as error:
        raise PersonalDataError(
            f"The key of person {user} was made under another secret key: run with that HALLPASS_SECRET_KEY."
        ) from error


def _sealed(ciphers: Mapping[UserId, AESGCM], one: Personal) -> dict[str, str] | None:
    sealed: dict[str, str] = {}
    for user, fields in one.items():
        cipher = ciphers.get(user)
        if cipher is not None and fields:
            nonce = os.urandom(_NONCE_BYTES)
            data = nonce + cipher.encrypt(nonce, orjson.dumps(dict(fields)), user.bytes)
            sealed[str(user)] = base64.b64encode(data).decode()
    return sealed or None


def _opened(ciphers: Mapping[str, tuple[UserId, AESGCM]], one: Mapping[str, str]) -> Personal:
    opened: dict[UserId, Mapping[str, str]] = {}
    for text, encoded in one.items():
        if text not in ciphers:
            continue
        user, cipher = ciphers[text]
        data = base64.b64decode(encoded)
        try:
            plain = cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], user.bytes)
        except InvalidTag as error:
            raise PersonalDataError(f"What is kept of person {user} doesn't open with her key.") from error
        opened[user] = orjson.loads(plain)
    return opened
