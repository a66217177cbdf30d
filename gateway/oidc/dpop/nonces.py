"""Nonces that DPoP proofs carry (RFC 9449 sections 8 and 9): made from the time and a key, so that none is kept."""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from functools import lru_cache
from typing import Final, Self

from gateway.oidc.errors import UseDpopNonceError
from gateway.secret_key import subkey

HEADER: Final = "DPoP-Nonce"
_SLOT_SECONDS: Final = 300
_BYTES: Final = 16


class Nonces:
    """One nonce for each five minutes, the same in every process; the one before, and the next, are good too.

    A proof is so made for now and can't be prepared for later by whoever has the key for a moment. Between processes
    whose clocks differ a little, the next one may already be given.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, secret_key: bytes) -> Self:
        return cls(_key(secret_key))

    def at(self, now: datetime) -> str:
        """The nonce to hand out."""
        return self._nonce(int(now.timestamp()) // _SLOT_SECONDS)

    def check(self, nonce: object, now: datetime) -> None:
        """Raises UseDpopNonceError, with the nonce to use, for none, another text and one that is too old."""
        slot = int(now.timestamp()) // _SLOT_SECONDS
        given = nonce.encode(errors="replace") if isinstance(nonce, str) else b""
        if not any(hmac.compare_digest(given, self._nonce(one).encode()) for one in (slot, slot - 1, slot + 1)):
            error = UseDpopNonceError()
            error.nonce = self.at(now)
            raise error

    def _nonce(self, slot: int) -> str:
        return _nonce(self._key, slot)


@lru_cache(maxsize=64)
def _nonce(key: bytes, slot: int) -> str:
    digest = hmac.digest(key, slot.to_bytes(8), "sha256")[:_BYTES]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _key(secret_key: bytes) -> bytes:
    return subkey(secret_key, "dpop-nonces")
