"""Whether a typed signature is a person's name: case, accents, hyphens and middle names don't count."""

import unicodedata


def is_signature_of(typed: str, first_name: str, last_name: str) -> bool:
    """Whether `typed` says this name: first name first or last name first, with whatever stands between.

    Letters with and without accents are one; hyphens, apostrophes, dots and commas separate like blanks, or not at all.
    """
    first, last = _words(first_name), _words(last_name)
    words = _words(typed)
    if not words or not (first or last):
        return False
    letters = "".join(words)
    if letters in ("".join((*first, *last)), "".join((*last, *first))):
        return True
    return len(words) > len(first) + len(last) and (
        _begins_and_ends(words, first, last) or _begins_and_ends(words, last, first)
    )


def _begins_and_ends(words: list[str], begin: list[str], end: list[str]) -> bool:
    return bool(begin and end) and words[: len(begin)] == begin and words[-len(end) :] == end


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = (one for one in decomposed if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " for one in kept if unicodedata.category(one) != "Cf").split()
