"""Which alphabet a letter is of, for texts that look like others (UTS 39, mixed-script detection, in brief)."""

import unicodedata
from functools import lru_cache

_TOGETHER = (frozenset({"CJK", "HIRAGANA", "KATAKANA"}), frozenset({"CJK", "HANGUL"}), frozenset({"CJK", "BOPOMOFO"}))
"""Alphabets that one language writes beside each other."""


_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуҽпгѵѡ" + "αικνορυ")


def mixed(text: str) -> bool:
    """Whether one word of the text has letters of alphabets that no language mixes."""
    if text.isascii():
        return False
    return any(_mixed(word) for word in text.split())


def looks_latin(text: str) -> bool:
    """Whether every letter is of another alphabet and looks like a Latin one: a whole-script confusable."""
    letters = {one for one in text.lower() if one.isalpha()}
    return bool(letters) and letters <= _LIKE_LATIN


def odd_letter(text: str) -> str:
    """The first letter that isn't Latin; empty: there is none."""
    return next((one for one in text if one.isalpha() and _script(one) != "LATIN"), "")


def _mixed(word: str) -> bool:
    found = frozenset(_script(one) for one in word if one.isalpha())
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The first word of the character's name; those of full width count as an alphabet of their own."""
    name = unicodedata.name(letter, "")
    first = name.split(" ", 1)[0]
    return "LATIN" if letter in "ªºʼ" else first
