"""E-mail domains of LEAs: which can be one LEA's own, which overlap, and which look alike."""

import re
import unicodedata
from typing import Final

from policy.registration import PUBLIC_MAIL

_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_SHARED: Final = frozenset(
    {
        "amazonaws.com", "appspot.com", "azurewebsites.net", "cloudfront.net", "github.io", "herokuapp.com",
        "netlify.app", "onmicrosoft.com", "pages.dev", "sharepoint.com", "vercel.app", "web.app", "workers.dev",
    }
)  # fmt: skip
"""Below these each name is somebody else's."""
_OF_A_STATE: Final = re.compile(r"((k12|cc|tec|lib|pvt\.k12|dst|state|ci|co|gen|mus)\.)?[a-z]{2}\.us")
"""Below these, by RFC 1480, each name is another school's or office's."""
_SECOND_LEVEL: Final = re.compile(r"(ac|co|com|edu|gov|net|org|sch)\.[a-z]{2}")
_ALIKE: Final = (("rn", "m"), ("vv", "w"))
_ONE_FOR_ANOTHER: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "3": "e", "8": "b", "-": ""})


def domain_fault(domain: str) -> tuple[str, str, str] | None:
    """Why no LEA can have this domain as its own: code, sentence and remedy; None: one could.

    `domain` as `store.registration.domain_key` writes it: IDNA, small letters.
    """
    if not _DOMAIN.fullmatch(domain):
        return "INVALID_DOMAIN", f"“{domain[:80]}” is no e-mail domain.", "Write what stands behind the @."
    if domain in PUBLIC_MAIL:
        return "PUBLIC_DOMAIN", f"Anybody gets an address of {domain}.", "Write a domain of the LEA's own."
    if domain in _SHARED or _OF_A_STATE.fullmatch(domain) or _SECOND_LEVEL.fullmatch(domain):
        return "SHARED_DOMAIN", f"Below {domain} each name is somebody else's.", "Write the LEA's own name below it."
    if not _is_latin(domain):
        return "FOREIGN_LETTERS", f"{domain} mixes letters that look like others.", "Write a domain in Latin letters."
    return None


def overlaps(domain: str, other: str) -> bool:
    """Whether they are the same, or one lies below the other: who has the upper one makes addresses in the lower."""
    return domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")


def looks_like(domain: str, other: str) -> bool:
    """Whether somebody who reads quickly takes one for the other."""
    return domain != other and _skeleton(domain) == _skeleton(other)


def _skeleton(domain: str) -> str:
    text = unicodedata.normalize("NFKD", _shown(domain))
    plain = "".join(one for one in text if not unicodedata.combining(one)).translate(_ONE_FOR_ANOTHER)
    for pair, single in _ALIKE:
        plain = plain.replace(pair, single)
    return plain


def _shown(domain: str) -> str:
    """The domain as people see it (RFC 3492)."""
    labels = domain.split(".")
    return ".".join(_label(one) for one in labels)


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _is_latin(domain: str) -> bool:
    return all(one.isascii() or unicodedata.name(one, "").startswith("LATIN ") for one in _shown(domain))
