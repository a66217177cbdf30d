"""Whether a typed signature is a person's name: case, accents, hyphens and middle names don't count."""

import unicodedata


def is_signature_of(typed: str, first_name: str, last_name: str) -> bool:
    """Whether `typed` says this name: first name first or last name first, with whatever stands between.

    Letters with and without accents are one; hyphens, apostrophes and dots separate like blanks, or not at all.
    """
    first, last = _words(first_name), _words(last_name)
    words = _words(typed)
    if not words or not (first or last):
        return False
    letters = "".join(words)
    if letters in ("".join((*first, *last)), "".join((*last, *first))):
        return True
    family, comma, rest = typed.partition(",")
    orders = (words, [*_words(rest), *_words(family)]) if comma else (words,)
    return any(_begins_and_ends(one, first, last) for one in orders) or _begins_and_ends(words, last, first)


def _begins_and_ends(words: list[str], begin: list[str], end: list[str]) -> bool:
    if not begin or not end or len(words) < len(begin) + len(end):
        return False
    return words[: len(begin)] == begin and words[-len(end) :] == end


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = (one for one in decomposed if not unicodedata.combining(one) and unicodedata.category(one) != "Cf")
    # Apostrophes and hyphens part words, as blanks do: O’Brien may be typed O'Brien, O Brien or OBrien.
    return "".join(one if one.isalnum() else " " for one in kept).split()
