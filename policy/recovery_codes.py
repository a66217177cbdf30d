"""Recovery codes: ten texts of 120 random bits, each good once, of which only hashes are kept."""

import base64
import hashlib
from typing import Final

NUMBER: Final = 10
_BYTES: Final = 15
"""120 bits: with 112 or more a plain hash suffices (NIST SP 800-63B-4 3.1.2.2, ASVS 6.5.2)."""
_LONGEST_TYPED: Final = 64
_LOOK_ALIKES: Final = str.maketrans("018", "OIB")
"""Digits that base32 hasn't, as somebody may read its letters."""


def recovery_code(random: bytes) -> str:
    """`abcd-efgh-…`, six groups of four. `random`: 15 bytes or more."""
    text = base64.b32encode(random[:_BYTES]).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def recovery_hash(typed: str) -> bytes:
    """How a code is kept and found, in whatever case and grouping it was typed."""
    letters = "".join(one for one in typed[:_LONGEST_TYPED] if one.isalnum()).upper().translate(_LOOK_ALIKES)
    return hashlib.sha256(letters.encode()).digest()
