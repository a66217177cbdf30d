"""How surely a person proved who she is: what she used (`amr`, RFC 8176) and the level that it makes (`acr`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.ids import OrganizationId, UserId
from policy.second_step import AAL1, AAL2

__all__ = ["AAL1", "AAL2", "ACR_VALUES", "FEDERATED", "ONE_TIME", "PASSWORD", "Proof", "acr_of", "with_factor"]

ACR_VALUES: Final = (AAL1, AAL2)
"""Every level that a session may have, the weakest first."""
PASSWORD: Final = "pwd"  # noqa: S105 - a word of RFC 8176
ONE_TIME: Final = "otp"
"""A code of an authenticator app, or a recovery code. A code sent by e-mail is none: it adds nothing."""
HARDWARE_KEY: Final = "hwk"
SOFTWARE_KEY: Final = "swk"
USER_VERIFIED: Final = "user"
FEDERATED: Final = "fed"
"""A district's own provider vouched, whatever it says of how."""
SEVERAL: Final = "mfa"
"""Follows from the others and is never taken from anybody's word."""

_KEYS: Final = frozenset({HARDWARE_KEY, SOFTWARE_KEY})
_FIRST: Final = frozenset({PASSWORD, FEDERATED})
_ORDER: Final = (PASSWORD, FEDERATED, ONE_TIME, HARDWARE_KEY, SOFTWARE_KEY, USER_VERIFIED, SEVERAL)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person has just proved, before any session.

    `lea` and `provider`: where an LEA's own identity provider vouched; nothing outside that LEA will count.
    `by_mail`: she came by a link that was sent to her, so that this browser needs no code by e-mail.
    `short_password`: the password has fewer characters than one must have that is the only factor.
    `old_password`: it has to be changed before a session begins.
    `at`: when it was proved, where a district's provider or an earlier session vouches for it; None: now.
    `until`: the last moment of a session that it opens, where an earlier one goes on; None: the usual limit.
    """

    user: UserId
    amr: tuple[str, ...]
    lea: OrganizationId | None = None
    provider: UUID | None = None
    by_mail: bool = False
    short_password: bool = False
    old_password: bool = False
    at: datetime | None = None
    until: datetime | None = None

    @property
    def acr(self) -> str:
        return acr_of(self.amr)


def acr_of(amr: Iterable[str]) -> str:
    """NIST SP 800-63B-4 2.2: a verified passkey alone, or a password or provider with something held besides."""
    used = frozenset(amr)
    alone = bool(used & _KEYS) and USER_VERIFIED in used
    together = bool(used & _FIRST) and bool(used & (_KEYS | {ONE_TIME}))
    return AAL2 if alone or together else AAL1


def with_factor(amr: Iterable[str], *more: str) -> tuple[str, ...]:
    """All of them once, in a fixed order, with `mfa` exactly where they make AAL2."""
    used = {*amr, *more} - {SEVERAL}
    if acr_of(used) == AAL2:
        used.add(SEVERAL)
    return tuple(sorted(used, key=_place))


def _place(word: str) -> tuple[int, str]:
    return (_ORDER.index(word) if word in _ORDER else len(_ORDER), word)
