"""Where a person goes after signing in: an own path, never another site (ASVS 1.3.6, RFC 9700 section 4.11.2)."""

import re
from typing import Final

START: Final = "/"
_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
"""A slash not followed by another one or a backslash (browsers read both as a host), then printable ASCII."""
_LONGEST: Final = 16_384


def next_path(text: str | None) -> str:
    """The path to go on to: `text` where it is one of ours, else the start page."""
    return text if text and len(text) <= _LONGEST and _PATH.fullmatch(text) else START
