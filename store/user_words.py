"""Conditions by which people are found by the beginning of a name part, or by any part of name and address."""

from typing import Final

from store.composed import Parameters, fill
from store.keys_of import email_key, text_key

FEW: Final = 1000
"""So many are sorted when a page is asked for; of more, enough come soon in the order of names."""
SHORTEST_PART: Final = 3
"""Characters of a word that may stand anywhere: shorter ones no index finds."""
_LONGEST_KEPT: Final = 40
_BREAKS: Final = str.maketrans({"-": " ", "'": " "})


def part_key(typed: str) -> str:
    """What is compared with the beginnings of name parts: folded, hyphens and apostrophes as blanks."""
    return " ".join(text_key(typed).translate(_BREAKS).split())[:_LONGEST_KEPT]


def name_begins(parameters: Parameters, column: str, typed: str) -> str:
    """That a part of the name begins so; both orders of first and last name count."""
    pattern = parameters.add(f"% {_literal(part_key(typed))}%", "text")
    return fill("users", "begins", column=column, pattern=pattern)


def contains(parameters: Parameters, u: str, typed: str) -> list[str]:
    """That each word stands in the name or the address of the row `u`."""
    return [
        fill(
            "users", "contains", u=u, by_name=parameters.add(f"%{_literal(text_key(word))}%", "text"),
            by_address=parameters.add(f"%{_literal(email_key(word))}%", "text"),
        )
        for word in typed.split()
    ]  # fmt: skip


def containing_all(parameters: Parameters, typed: str) -> str:
    """The users, by index, in whose name and address all the trigrams of each long word stand."""
    matches: list[str] = []
    for word in typed.split():
        keys = {text_key(word), email_key(word)}
        if min(len(key) for key in keys) >= SHORTEST_PART:
            each = [fill("users", "has_trigrams", key=parameters.add(key, "text")) for key in sorted(keys)]
            matches.append(f"({' or '.join(each)})")
    return fill("users", "containing", matches=" and ".join(matches))


def is_searchable(typed: str) -> bool:
    """Whether a word of it is long enough to be looked for anywhere."""
    return any(min(len(text_key(word)), len(email_key(word))) >= SHORTEST_PART for word in typed.split())


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
