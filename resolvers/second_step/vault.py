"""How the secrets of authenticator apps are kept; the edge, which has the keys, makes it."""

from collections.abc import Callable
from dataclasses import dataclass

from policy.ids import UserId


@dataclass(frozen=True, slots=True)
class TotpVault:
    """`seal` and `unseal`: a secret for its person; `issuer`: under which name an app shows it."""

    seal: Callable[[UserId, bytes], bytes]
    unseal: Callable[[UserId, bytes], bytes]
    issuer: str
