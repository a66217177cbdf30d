"""Encrypts what lies in the database under the deployment's secret key: AES-256-GCM, bound to its name."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealError(Exception):
    """The bytes were sealed under another secret key or for another name."""


def seal(key: bytes, plain: bytes, name: str) -> bytes:
    """`plain` encrypted under the 32 bytes of `key`, its random nonce in front."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, name.encode())


def unseal(key: bytes, sealed: bytes, name: str) -> bytes:
    """What `seal` was given; raises SealError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
    except InvalidTag as error:
        raise SealError(f"{name} was encrypted under another secret key.") from error
