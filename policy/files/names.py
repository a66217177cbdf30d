"""Names of persons and groups in a file: any script, but no signs that break what reads them later."""

import unicodedata

from policy.files.faults import Checked, Fault, warning
from policy.files.scripts import mixed

_SIGNS = frozenset("'’‘ʼ`´.,‐-–&/()\"“”·")
_GROUP_SIGNS = _SIGNS | frozenset(":;#+*_!?@—%°")


def person_name(text: str) -> Checked:
    """A first or last name, already cleaned. A comma is kept where it was quoted (S0-47)."""
    if "|" in text:
        return _pipe(text)
    if "@" in text:
        fault = Fault("not-a-name", "files", "This is an address, not a name.", "Look whether the columns are shifted.")
        return Checked(text, (fault,))
    return _judged(text, _SIGNS, "name")


def group_name(text: str) -> Checked:
    """The name of a student group, already cleaned."""
    return _pipe(text) if "|" in text else _judged(text, _GROUP_SIGNS, "group name")


def _pipe(text: str) -> Checked:
    fault = Fault(
        "pipe", "files", "The name holds a “|”, which separates the parts of what other systems are told.",
        "Write the name without it.", suggestion=" ".join(text.replace("|", " ").split()),
    )  # fmt: skip
    return Checked(text, (fault,))


def _judged(text: str, signs: frozenset[str], what: str) -> Checked:
    odd = next(
        (one for one in text if one not in signs and unicodedata.category(one)[0] in "SPNZ" and not _fine(one)), ""
    )
    if odd:
        fault = Fault(
            "symbol", "files", f"The {what} holds “{odd}”, which no {what} has.",
            "Type it as it is written; a wrong character may come from saving the file in another encoding.",
        )  # fmt: skip
        return Checked(text, (fault,))
    if not any(unicodedata.category(one)[0] in "LN" for one in text):
        return Checked(
            text, (Fault("not-a-name", "files", f"This {what} has no letter.", "Type it as it is written."),)
        )
    if mixed(text):
        note = f"The {what} mixes letters of several alphabets, some of which look alike."
        return Checked(text, (warning("mixed-alphabets", "files", note, "Type it again if that isn't meant."),))
    return Checked(text)


def _fine(one: str) -> bool:
    return unicodedata.category(one) in ("Nd", "Zs")
