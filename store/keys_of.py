"""The keys by which people and names are compared, sorted and searched: the same on every server (pure functions)."""

import unicodedata

import idna


def email_key(address: str) -> str:
    """The address for comparison: NFKC, its domain as IDNA A-labels, casefolded; idempotent.

    A domain that IDNA refuses stays as text, casefolded: judging an address is not this function's task.
    """
    if address.isascii():  # most are, and a file may have a million of them
        return address.strip().lower()
    folded = _fold(address).strip()
    local, at, domain = folded.rpartition("@")
    return f"{local}{at}{ascii_domain(domain)}"


def name_key(last_name: str, first_name: str) -> str:
    """ "last first" for order and search: without accents, casefolded, single blanks; idempotent per part."""
    return text_key(f"{last_name} {first_name}")


def text_key(text: str) -> str:
    """A name for order and search: NFKD without combining marks, casefolded, single blanks; idempotent."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(_without_marks(_without_marks(text).casefold()).split())


def after_prefix(prefix: str) -> str:
    """A key above every key that begins with the prefix and below all others, in code point order."""
    return prefix + "\U0010ffff"


def _fold(text: str) -> str:
    # casefold can undo the normalization, and the other way round: once more makes it stable (Unicode, chapter 3.13)
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", once.casefold())


def _without_marks(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


def ascii_domain(domain: str) -> str:
    """As RFC 5891 writes it; what can't be written so stays as it is."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain
