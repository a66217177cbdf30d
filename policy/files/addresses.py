"""E-mail addresses in a file: plain ones by one expression, look-alikes refused, odd ones for someone who knows."""

import re
import unicodedata
from collections.abc import Callable

from policy.files.faults import Checked, Fault
from policy.files.known import Judged
from policy.files.scripts import looks_latin, mixed, odd_letter

PLAIN_LOCAL = r"[A-Za-z0-9_][A-Za-z0-9_'\-]*(?:\.[A-Za-z0-9_'\-]+)*"
"""Local parts that need no second look."""
_LOCAL = re.compile(PLAIN_LOCAL + r"(?:\+[A-Za-z0-9_.\-]*)?")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NUMBER = re.compile(r"\d+")
_LONGEST = 254
_LONGEST_LOCAL = 64
_WRITE = "Write one address like name@district.org."


def email(text: str, last_label_limit: int | None, judge: Callable[[str], Judged] | None) -> Checked:
    """An address, already cleaned. `last_label_limit`: most characters behind the last dot (S0-27)."""
    fault = _shape(text) or (_look_alike(text) if not text.isascii() else None)
    if fault is not None:
        return Checked(text, (fault,))
    local, _, domain = text.rpartition("@")
    fault = domain_fault(domain, last_label_limit)
    if fault is not None:
        return Checked(text, (fault,))
    if domain.isascii() and _LOCAL.fullmatch(local) and len(local) <= _LONGEST_LOCAL:
        return Checked(text)
    return _asked(text, judge)


def domain_fault(domain: str, last_label_limit: int | None) -> Fault | None:
    """What is wrong with the part behind the @; None: nothing, as far as it is ASCII."""
    labels = domain.split(".")
    for label in labels:
        if (shown := _shown(label)) and (mixed(shown) or looks_latin(shown)):
            return _alike(odd_letter(shown))
    if len(labels) < 2 or not all(_LABEL.fullmatch(one) for one in labels if one.isascii()):
        return _bad("The part behind the @ is no domain.")
    if _NUMBER.fullmatch(labels[-1]):
        return _bad("The part behind the @ ends in a number.")
    if last_label_limit is not None and len(labels[-1]) > last_label_limit:
        return Fault(
            "long-ending", "S0-27", f"“.{labels[-1]}” has more than {last_label_limit} characters behind the last dot.",
            f"Use an address whose ending has {last_label_limit} characters at most.",
        )  # fmt: skip
    return None


def without_tag(key: str) -> str:
    """The address that name+tag@domain is delivered to."""
    local, at, domain = key.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _shape(text: str) -> Fault | None:
    if text.lower().startswith("mailto:") or "<" in text:
        return _bad("The cell holds more than the bare address.")
    if text.count("@") > 1 or any(mark in text for mark in ";, "):
        return _bad("The cell holds several addresses or signs that no address has.")
    if "@" not in text:
        return _bad("This is no e-mail address: it has no @.")
    local = text.rpartition("@")[0]
    if not local or local.startswith(".") or local.endswith(".") or ".." in local or "|" in text:
        return _bad("The part before the @ isn't written as addresses are.")
    return _bad("The address is too long.") if len(text) > _LONGEST else None


def _look_alike(text: str) -> Fault | None:
    plain = unicodedata.normalize("NFKC", text)
    if plain != text:
        return Fault(
            "look-alike", "files", "The address holds signs that look like letters of an address and aren't.",
            "Type it again on an English keyboard.", suggestion=plain if plain.isascii() else "",
        )  # fmt: skip
    local, _, domain = text.rpartition("@")
    if mixed(local) or looks_latin(local) or (domain.isascii() and odd_letter(local)):
        return _alike(odd_letter(local))
    return None


def _alike(odd: str) -> Fault:
    name = unicodedata.name(odd, "a letter").lower() if odd else "a sign"
    return Fault(
        "look-alike", "files", f"The address holds “{odd}” ({name}), which looks like another letter.",
        "Type it again on an English keyboard.",
    )  # fmt: skip


def _shown(label: str) -> str:
    """What a person sees of a domain's label that isn't ASCII, also where it is written as xn--…; else empty."""
    if label[:4].lower() != "xn--":
        return "" if label.isascii() else label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return ""


def _asked(text: str, judge: Callable[[str], Judged] | None) -> Checked:
    if judge is None:
        return Checked(text, (_bad("This is no plain e-mail address."),))
    judged = judge(text)
    if judged.problem:
        return Checked(text, (Fault("not-an-address", "files", judged.problem, _WRITE),))
    return Checked(judged.value)


def _bad(message: str) -> Fault:
    return Fault("not-an-address", "files", message, _WRITE)
