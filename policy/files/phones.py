"""Telephone numbers in a file: North American ones by one expression, others for someone who knows."""

import re
from collections.abc import Callable

from policy.files.codes import SCIENTIFIC
from policy.files.faults import Checked, Fault
from policy.files.known import Judged

PLAIN = r"(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .\-]?)[2-9]\d\d[ .\-]?\d{4}"
"""(916) 555-0100, 916-555-0100, 916.555.0100, 9165550100."""
LONGEST_PLAIN = 14
_PLAIN = re.compile(PLAIN + r"(?: ?(?:x|ext\.?) ?\d{1,6})?")
_TEN = re.compile(r"(?:\+?1)?([2-9]\d\d)([2-9]\d\d)(\d{4})")
_WRITE = "Write it like 916-555-0100."


def phone(text: str, pattern: str, judge: Callable[[str], Judged] | None) -> Checked:
    """A number, already cleaned. `pattern`: how the format wants it, empty: any usual way."""
    if SCIENTIFIC.fullmatch(text):
        fault = Fault(
            "scientific-notation", "S0-46", "The spreadsheet has turned the number into scientific notation.",
            "Format the column as text and type the number again.",
        )  # fmt: skip
        return Checked(text, (fault,))
    if pattern:
        return _as_wanted(text, pattern)
    if _PLAIN.fullmatch(text):
        return Checked(text)
    if judge is None:
        return Checked(text, (Fault("not-a-phone", "files", "This is no telephone number.", _WRITE),))
    judged = judge(text)
    if judged.problem:
        return Checked(text, (Fault("not-a-phone", "files", judged.problem, _WRITE),))
    return Checked(judged.value)


def _as_wanted(text: str, pattern: str) -> Checked:
    if re.fullmatch(pattern, text):
        return Checked(text)
    ten = _TEN.fullmatch(re.sub(r"[ ().\-]", "", text))
    if ten and re.fullmatch(pattern, written := "-".join(ten.groups())):
        return Checked(written)
    return Checked(text, (Fault("not-a-phone", "files", "This is no telephone number as the file needs it.", _WRITE),))
