"""School years as files write them."""

import re

_BOTH = re.compile(r"(\d{4})\s?[-–/]\s?(\d{4}|\d{2})")
_ENDING = re.compile(r"\d{4}")


def school_year(text: str) -> str:
    """`2026-27` of "2026-27", "2026–2027" or, by the year in which it ends, "2027"; empty: it is none."""
    if _ENDING.fullmatch(text):
        return f"{int(text) - 1}-{int(text) % 100:02}" if int(text) else ""
    found = _BOTH.fullmatch(text)
    if found is None or (int(found[1]) + 1) % 10 ** len(found[2]) != int(found[2]):
        return ""
    return f"{found[1]}-{found[2][-2:]}"
