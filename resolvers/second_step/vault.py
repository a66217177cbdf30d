"""How the secrets of authenticator apps are kept; the edge, which has the keys, makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from policy.ids import UserId


@dataclass(frozen=True, slots=True)
class TotpVault:
    """`seal` and `unseal`: a secret for its person; `issuer`: under which name an app shows it.

    `seal_proposed`, `unseal_proposed`: one that is being set up, for its person and the sign-in or session that it was
    shown to. None: it was shown to another one, which knows it.
    """

    seal: Callable[[UserId, bytes], bytes]
    unseal: Callable[[UserId, bytes], bytes]
    seal_proposed: Callable[[UserId, UUID, bytes], bytes]
    unseal_proposed: Callable[[UserId, UUID, bytes], bytes | None]
    issuer: str
