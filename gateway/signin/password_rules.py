"""Which passwords are accepted: long ones that nobody guesses (NIST SP 800-63B-4 3.1.1.2), by a profile."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from gateway.signin.password_profiles import NIST, PasswordProfile
from gateway.signin.passwords import LONGEST_PASSWORD, is_too_long, normalized

_OWN_WORDS: Final = ("hallpass",)
_SHORTEST_WORD: Final = 4
_LEFT_OF_WORDS: Final = 8
"""So many characters must remain once the words that everybody could guess are taken out."""
_LEFT_OF_COMMON: Final = 4
"""So many letters besides words that passwords are usually made of."""
_FEWEST_KINDS: Final = 5
_NOT_LETTERS = re.compile(r"[\W_]+")
_NO_LETTER = re.compile(r"[\W\d_]+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_LOOK_ALIKES: Final = str.maketrans("@4301!57$", "aaeoiists")
_ON_THE_LIST: Final = "The password is on the list of those that attackers try first. Choose another one."


def password_fault(password: str, context: Iterable[str], profile: PasswordProfile = NIST) -> str | None:
    """Why the password is refused, as a sentence with what to do; None: it is accepted.

    `context` holds what can be guessed because it belongs to the person or the place: names, address, programs.
    """
    if is_too_long(password):
        return f"The password is longer than {LONGEST_PASSWORD} characters. Use a shorter one."
    text = normalized(password)
    if len(text) < profile.shortest:
        several = "; several words in a row are fine" if not profile.four_classes else ""
        return f"The password has {len(text)} characters. Use at least {profile.shortest}{several}."
    if profile.four_classes and not _has_four_classes(text):
        return "The password lacks a kind of character. Use small and capital letters, digits and signs."
    return _guessable(text.casefold(), context, profile)


@cache
def blocked() -> frozenset[str]:
    """The block list, one password a line, compared without case, blanks and punctuation."""
    return frozenset(_NOT_LETTERS.sub("", line) for line in _lines("blocked_passwords.txt"))


@cache
def common_words() -> tuple[str, ...]:
    """Words that passwords are usually made of, the longest first."""
    return tuple(sorted(_lines("common_words.txt"), key=len, reverse=True))


def _lines(name: str) -> list[str]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line.casefold() for line in lines if line and not line.startswith("#")]


def _guessable(folded: str, context: Iterable[str], profile: PasswordProfile) -> str | None:
    if len(set(folded)) < _FEWEST_KINDS or _is_repetition(folded, profile):
        return "The password repeats a few characters over and over. Use one with more variety."
    if _is_walk(folded):
        return "The password is a run along the alphabet, the digits or the keyboard. Use one that nobody would try."
    letters = _NOT_LETTERS.sub("", folded)
    if letters in blocked() or folded in blocked() or _is_common(folded):
        return _ON_THE_LIST
    words = {word for part in context for word in _words(part)} | set(_OWN_WORDS)
    left = _without(letters, sorted(words, key=len, reverse=True))
    if len(left) < min(_LEFT_OF_WORDS, profile.shortest - _SHORTEST_WORD) and left != letters:
        return (
            "The password is made of your name, your address, a program's or this service's name. "
            "Use words that aren't about you."
        )
    return None


def _is_common(folded: str) -> bool:
    """Whether it is common words with digits and signs around them: `P@ssw0rd2026!`."""
    core = _NO_LETTER.sub("", _AROUND.sub("", folded).translate(_LOOK_ALIKES))
    left = _without(core, common_words())
    return left != core and len(left) < _LEFT_OF_COMMON


def _without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


def _has_four_classes(text: str) -> bool:
    small, capital = any(one.islower() for one in text), any(one.isupper() for one in text)
    return small and capital and any(one.isdigit() for one in text) and not text.isalnum()


def _words(text: str) -> list[str]:
    return [word for word in _NOT_LETTERS.split(normalized(text).casefold()) if len(word) >= _SHORTEST_WORD]


def _is_repetition(text: str, profile: PasswordProfile) -> bool:
    """Whether it is a text that would be too short, over and over: `passwordpassword`."""
    sizes = range(1, min(len(text) // 2 + 1, profile.shortest))
    return any((text[:size] * (len(text) // size + 1))[: len(text)] == text for size in sizes)


def _is_walk(text: str) -> bool:
    rows = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "1234567890qwertyuiop")
    return any(text in line * 3 or text[::-1] in line * 3 for line in rows)
