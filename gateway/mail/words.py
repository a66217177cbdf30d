"""Words of a mail: names made harmless, days and times by the state's calendar."""

import re
import unicodedata
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

_LONGEST: Final = 120
_LOOKS_LIKE_ADDRESS: Final = re.compile(r"(?<=\S)([.:@/])(?=\S)")
_BREAK: Final = "\u200b"


def harmless(name: str) -> str:
    """A name as it may stand in a subject or a sentence.

    Line ends and invisible or direction-changing characters go, so that it can't begin a header or turn a sentence
    around; what a mail program would make a link of is broken by a space without width; it is cut at 120 characters.
    """
    shown = "".join(" " if _is_invisible(character) else character for character in name)
    short = " ".join(shown.split())[:_LONGEST].rstrip()
    return _LOOKS_LIKE_ADDRESS.sub(rf"\1{_BREAK}", short)


def day(moment: date) -> str:
    """`June 30, 2027`."""
    return f"{moment:%B} {moment.day}, {moment.year}"


def day_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """`June 30, 2027, 4:05 PM PDT`."""
    local = moment.astimezone(zone)
    return f"{day(local)}, {local:%I:%M %p %Z}".replace(", 0", ", ")


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
