"""The signing keys of this deployment: made at first use, cached in the process, re-read in time for a rotation."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection

from gateway.oidc.keys.sealing import SealError
from gateway.oidc.keys.signing_key import HintKey, SigningKey, hint_key, make_sealed_key, open_key
from gateway.secret_key import subkey
from gateway.state import gateway_of, kept_in
from policy.relying_parties import ID_TOKEN_ALGORITHMS
from store.audit import AuditEvent, record
from store.database import Connection, Pool
from store.signing_keys import insert_key, lock_signing_keys, published_keys, retire_others, retired_keys

PUBLISHED_BEFORE_USE = timedelta(hours=1)
"""So long a new key is in the key set before it signs: far longer than verifiers and processes keep a copy."""
PUBLISHED_AFTER_USE = timedelta(hours=24)
"""So long an old key stays in it: longer than any token that it signed is good."""
HINTS_AFTER_USE = timedelta(days=30)
"""So long ID tokens that it signed are taken as hints, as long as what a relying party got with them lives."""
_REREAD_AFTER = timedelta(seconds=60)


class KeysUnreadableError(Exception):
    """The keys in the database can't be opened with this deployment's secret key."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys published at one time."""

    keys: Mapping[str, SigningKey]
    retired: Mapping[str, HintKey] = field(default_factory=dict[str, HintKey])
    """Published before that: they sign nothing, and prove nothing but where an ID token came from that is a hint."""

    def verifier(self, kid: str, *, of_hint: bool) -> SigningKey | HintKey | None:
        """The key of that id, also a retired one where the token is but a hint; None: there is none."""
        return self.keys.get(kid) or (self.retired.get(kid) if of_hint else None)

    def signer(self, alg: str, now: datetime) -> SigningKey:
        """The newest key of the algorithm that signs now; there always is one."""
        return max((one for one in self.keys.values() if one.alg == alg and one.signs_at(now)), key=_newest)

    def jwks(self) -> dict[str, list[Mapping[str, str]]]:
        """RFC 7517 section 5."""
        return {"keys": [key.public_jwk for key in self.keys.values()]}


class KeyRing:
    """Reads the keys when they are first needed and each minute after that; makes them where there are none."""

    def __init__(self, pool: Pool, secret_key: bytes) -> None:
        self._pool = pool
        self._sealing_key = subkey(secret_key, "signing-keys")
        self._current: KeySet | None = None
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def at(self, now: datetime, connection: Connection | None = None) -> KeySet:
        """The keys, at most a minute old. Raises KeysUnreadableError.

        Whoever holds a connection passes it: were all of the pool's held by callers that wait here, none would be left
        to read the keys with.
        """
        if self._current is None or self._is_old(now):
            async with self._reading:
                if self._current is None or self._is_old(now):
                    self._current = await self._read(now, connection)
                    self._read_at = now
        return self._current

    def known(self, now: datetime) -> KeySet | None:
        """The keys from memory, as `at` would give them without reading; None: it would read."""
        return None if self._is_old(now) else self._current

    async def rotate(self, now: datetime, reason: str) -> dict[str, str]:
        """Publish a new key of each algorithm, to sign from PUBLISHED_BEFORE_USE on; its id by algorithm.

        `reason`: the operator's, for the audit.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            made = await self.rotate_in(connection, now, reason)
        self._current = None
        return made

    async def rotate_in(self, connection: Connection, now: datetime, reason: str) -> dict[str, str]:
        """As `rotate`, in the caller's transaction; processes see the new keys within a minute of its commit."""
        made = await self.make_new(connection, now)
        for alg, kid in made.items():
            event = AuditEvent("rotateSigningKey", "signing_key", kid, operator_reason=reason, after={"alg": alg})
            await record(connection, event)
        return made

    async def make_new(self, connection: Connection, now: datetime) -> dict[str, str]:
        """As `rotate_in`; the caller writes the audit."""
        signs_from = now + PUBLISHED_BEFORE_USE
        made = [
            await asyncio.to_thread(make_sealed_key, alg, self._sealing_key, now, signs_from)
            for alg in ID_TOKEN_ALGORITHMS
        ]
        await lock_signing_keys(connection)
        for key in made:
            await insert_key(connection, key)
            await retire_others(connection, key.alg, key.kid, signs_from, signs_from + PUBLISHED_AFTER_USE)
        return {key.alg: key.kid for key in made}

    def _is_old(self, now: datetime) -> bool:
        return self._read_at is None or abs(now - self._read_at) > _REREAD_AFTER

    async def _read(self, now: datetime, held: Connection | None) -> KeySet:
        async with self._connected(held) as connection:
            keys = await published_keys(connection, now)
            retired = await retired_keys(connection, now, now - HINTS_AFTER_USE)
        missing = [alg for alg in ID_TOKEN_ALGORITHMS if not any(key.alg == alg for key in keys)]
        if missing:
            await self._make(missing, now, held)
            return await self._read(now, held)
        try:
            return KeySet(
                {key.kid: open_key(key, self._sealing_key) for key in keys},
                {key.kid: hint_key(key) for key in retired},
            )
        except SealError as error:
            raise KeysUnreadableError(
                "The signing keys in the database were encrypted under another secret key: set HALLPASS_SECRET_KEY to "
                "the one that this database was first used with, or restore secret.key in the data directory."
            ) from error

    async def _make(self, missing: list[str], now: datetime, held: Connection | None) -> None:
        """The first keys sign at once, by every process's clock: nobody keeps an earlier copy of the key set."""
        signs_from = now - PUBLISHED_BEFORE_USE
        made = [await asyncio.to_thread(make_sealed_key, alg, self._sealing_key, now, signs_from) for alg in missing]
        async with self._connected(held) as connection, connection.transaction():
            await lock_signing_keys(connection)
            present = {key.alg for key in await published_keys(connection, now)}
            for key in made:
                if key.alg not in present:
                    await insert_key(connection, key)

    @asynccontextmanager
    async def _connected(self, held: Connection | None) -> AsyncGenerator[Connection]:
        if held is not None:
            yield held
            return
        async with self._pool.acquire() as opened:
            yield opened


def key_ring_of(request: HTTPConnection) -> KeyRing:
    """The one key ring of the application that serves this request."""
    gateway = gateway_of(request)
    return kept_in(request.app, "key_ring", lambda: KeyRing(gateway.pool, gateway.secret_key))


def _newest(key: SigningKey) -> tuple[datetime, str]:
    return key.signs_from, key.kid
