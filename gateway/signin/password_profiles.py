"""What a state asks of passwords: one profile of the table, chosen by a setting (decisions, accounts 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class PasswordProfile:
    """Lengths count code points after NFC."""

    shortest: int
    four_classes: bool = False
    """Whether small and capital letters, digits and signs must all be there."""
    remembered: int = 0
    """How many earlier passwords can't be used again."""
    longest_age: timedelta | None = None
    """After this a new one must be chosen at sign-in; None: never, as NIST SP 800-63B-4 3.1.1.2 asks."""

    def is_too_old(self, set_at: datetime, now: datetime) -> bool:
        return self.longest_age is not None and now - set_at > self.longest_age


NIST: Final = PasswordProfile(15)
"""NIST SP 800-63B-4 section 3.1.1.2, where the password is the only factor: nothing but length and a block list."""
NIST_WITH_SECOND_FACTOR: Final = PasswordProfile(8)
"""The same where a second factor is mandatory."""
TOMS_COMPATIBLE: Final = PasswordProfile(12, four_classes=True, remembered=24, longest_age=timedelta(days=365))

PROFILES: Final[Mapping[str, PasswordProfile]] = MappingProxyType({"nist": NIST, "toms-compatible": TOMS_COMPATIBLE})
"""By the word of the setting."""


def profile_of(name: str, *, second_factor: bool = False) -> PasswordProfile:
    """The profile of a setting's word; `second_factor`: whether the person can't sign in without one."""
    chosen = PROFILES[name]
    return NIST_WITH_SECOND_FACTOR if second_factor and chosen is NIST else chosen
