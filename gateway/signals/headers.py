"""The Authorization header that a receiver asks for with what is pushed to it: a secret, encrypted in the database."""

from typing import Final
from uuid import UUID

from gateway.oidc.keys.sealing import seal, unseal
from gateway.secret_key import subkey

_PURPOSE: Final = "signal-headers"


def sealed_header(secret_key: bytes, text: str, stream: UUID) -> bytes:
    """Bound to its stream: copied to another one it opens nothing."""
    return seal(subkey(secret_key, _PURPOSE), text.encode("ascii"), str(stream))


def opened_header(secret_key: bytes, sealed: bytes, stream: UUID) -> str:
    """Raises SealError where the secret key is another one."""
    return unseal(subkey(secret_key, _PURPOSE), sealed, str(stream)).decode("ascii")
