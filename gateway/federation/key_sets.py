"""Providers' public keys: fetched from where their metadata say, kept for an hour, fetched anew for an unknown one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from gateway.federation.id_token import BadIdTokenError, Header, VerifyingKey
from gateway.outgoing import OutgoingError, call

FRESH: Final = timedelta(hours=1)
APART: Final = timedelta(seconds=30)
"""A key that isn't there is looked for no more often, whoever sends tokens that name it."""
STALE: Final = timedelta(hours=24)
"""So long keys are good where the provider answers nothing."""
_MOST_BYTES: Final = 262_144
_MOST_KEYS: Final = 50
_MOST_SETS: Final = 1_000
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 8192
_CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(slots=True)
class _KeySet:
    keys: tuple[Mapping[str, Any], ...] = ()
    read_at: datetime | None = None
    """When the keys were read; None: never."""
    tried_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeySets:
    """The key sets of one process, by their address."""

    def __init__(self) -> None:
        self._sets: dict[str, _KeySet] = {}

    async def key_for(self, address: str, header: Header, own_issuer: str, now: datetime) -> VerifyingKey:
        """The key that the header names, or the only one that there is. Raises BadIdTokenError, OutgoingError."""
        held = self._set_at(address)
        async with held.lock:
            if held.read_at is None or now - held.read_at > FRESH:
                await self._refresh(held, address, own_issuer, now)
            found = _chosen(held.keys, header)
            if found is None and _may_look_again(held, now):
                await self._refresh(held, address, own_issuer, now)
                found = _chosen(held.keys, header)
        if found is None:
            raise BadIdTokenError("its key is unknown")
        return found

    def _set_at(self, address: str) -> _KeySet:
        if address not in self._sets:
            if len(self._sets) >= _MOST_SETS:
                self._sets.clear()
            self._sets[address] = _KeySet()
        return self._sets[address]

    async def _refresh(self, held: _KeySet, address: str, own_issuer: str, now: datetime) -> None:
        """Raises OutgoingError where no keys are known that could still be used."""
        usable = held.read_at is not None and now - held.read_at <= STALE
        if usable and held.tried_at is not None and now - held.tried_at < APART:
            return
        held.tried_at = now
        try:
            held.keys = await _fetched(address, own_issuer)
            held.read_at = now
        except OutgoingError:
            if not usable:
                raise


def _may_look_again(held: _KeySet, now: datetime) -> bool:
    return held.tried_at is None or now - held.tried_at >= APART


async def _fetched(address: str, own_issuer: str) -> tuple[Mapping[str, Any], ...]:
    answer = await call(own_issuer, "GET", address, headers={"Accept": "application/json"}, most_bytes=_MOST_BYTES)
    if answer.status != 200:
        raise OutgoingError(f"The provider's key set answered with status {answer.status}.")
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise OutgoingError("The provider's key set is not JSON.") from error
    keys = cast(Mapping[str, object], said).get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, list):
        raise OutgoingError("The provider's key set has no keys.")
    every = cast(list[object], keys)[:_MOST_KEYS]
    return tuple(cast(Mapping[str, Any], one) for one in every if isinstance(one, dict))


def _chosen(keys: tuple[Mapping[str, Any], ...], header: Header) -> VerifyingKey | None:
    """Of keys that fit the algorithm the one with that kid; of several with one kid none."""
    fitting = [key for jwk in keys if (key := _usable(jwk, header)) is not None]
    return fitting[0] if len(fitting) == 1 else None


def _usable(jwk: Mapping[str, Any], header: Header) -> VerifyingKey | None:
    """The key, where it can have made a signature with this header; None: it is for something else."""
    if header.kid is not None and jwk.get("kid") != header.kid:
        return None
    if (
        jwk.get("kty") not in ("EC", "RSA")
        or jwk.get("use", "sig") != "sig"
        or jwk.get("alg", header.alg) != header.alg
    ):
        return None
    if jwk["kty"] == "RSA" and not _LEAST_RSA_BITS <= _bits(jwk.get("n")) <= _MOST_RSA_BITS:
        return None
    public = {name: value for name, value in jwk.items() if name in ("kty", "n", "e", "crv", "x", "y")}
    try:
        return _fitting(import_key(cast(Any, public)), header.alg)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _fitting(key: object, alg: str) -> VerifyingKey | None:
    if isinstance(key, ECKey) and key.curve_name == _CURVES.get(alg):
        return key
    if isinstance(key, RSAKey) and alg not in _CURVES and key.public_key.key_size >= _LEAST_RSA_BITS:
        return key
    return None


def _bits(modulus: object) -> int:
    """How long an RSA modulus is as it is written, six bits a character, whole bytes."""
    return len(modulus) * 6 // 8 * 8 if isinstance(modulus, str) else 0
