"""Which passwords are accepted: long ones that nobody guesses; nothing else is asked (NIST SP 800-63B-4 3.1.1.2)."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from gateway.signin.passwords import LONGEST_PASSWORD, is_too_long, normalized

SHORTEST: Final = 15
"""Code points after NFC, where the password is the only factor."""
_OWN_WORDS: Final = ("hallpass",)
_SHORTEST_WORD: Final = 4
_LEFT_OF_WORDS: Final = 8
"""So many characters must remain once the words that everybody could guess are taken out."""
_FEWEST_KINDS: Final = 5
_NOT_LETTERS = re.compile(r"[\W_]+")


def password_fault(password: str, context: Iterable[str]) -> str | None:
    """Why the password is refused, as a sentence with what to do; None: it is accepted.

    `context` holds what belongs to the person and can be guessed from that: names, address.
    """
    if is_too_long(password):
        return f"The password is longer than {LONGEST_PASSWORD} characters. Use a shorter one."
    text = normalized(password)
    if len(text) < SHORTEST:
        return f"The password has {len(text)} characters. Use at least {SHORTEST}; several words in a row are fine."
    folded = text.casefold()
    if len(set(folded)) < _FEWEST_KINDS or _is_repetition(folded):
        return "The password repeats a few characters over and over. Use one with more variety."
    if _is_walk(folded):
        return "The password is a run along the alphabet, the digits or the keyboard. Use one that nobody would try."
    letters = _NOT_LETTERS.sub("", folded)
    if letters in blocked() or folded in blocked():
        return "The password is on the list of those that attackers try first. Choose another one."
    words = {word for part in context for word in _words(part)} | set(_OWN_WORDS)
    left = letters
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    if len(left) < _LEFT_OF_WORDS and left != letters:
        return (
            "The password is made of your name, your address or this service's name. Use words that aren't about you."
        )
    return None


@cache
def blocked() -> frozenset[str]:
    """The block list, one password a line, compared without case, blanks and punctuation."""
    lines = (Path(__file__).parent / "blocked_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_NOT_LETTERS.sub("", line.casefold()) for line in lines if line and not line.startswith("#"))


def _words(text: str) -> list[str]:
    return [word for word in _NOT_LETTERS.split(normalized(text).casefold()) if len(word) >= _SHORTEST_WORD]


def _is_repetition(text: str) -> bool:
    """Whether it is a text that would be too short, over and over: `passwordpassword`."""
    sizes = range(1, min(len(text) // 2 + 1, SHORTEST))
    return any((text[:size] * (len(text) // size + 1))[: len(text)] == text for size in sizes)


def _is_walk(text: str) -> bool:
    rows = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "1234567890qwertyuiop")
    return any(text in line * 3 or text[::-1] in line * 3 for line in rows)
