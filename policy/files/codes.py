"""Codes of organizations and other identifiers in a file, and what spreadsheets do to them."""

import re
from collections.abc import Callable

from policy.files.faults import Checked, Fault
from policy.files.format import CodeShape, Column

SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE][+]?\d+")
CDS_LENGTH = 14
LEA_ENDING = "0000000"
_DECIMALS = re.compile(r"(\d+)[.,]0+")
_TEXT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.\-]*[A-Za-z0-9])?")
_AS_TEXT = "Format the column as text"

Reached = Callable[[str], bool]


def code(column: Column, text: str, in_reach: Reached) -> Checked:
    """An organization's code, already cleaned. A remedy shows a corrected one only if `in_reach` knows it."""
    fault = _spoiled(text)
    if fault is None:
        fault = _cds(text, in_reach) if column.shape is CodeShape.CDS else _text(column, text, in_reach)
    return Checked(text, (fault,) if fault else ())


def identifier(column: Column, text: str) -> Checked:
    """A person's or student's number of the state, already cleaned. Its digits never stand in a fault."""
    fault = _spoiled(text, shown=False) or _text(column, text, lambda _code: False, shown=False)
    return Checked(text, (fault,) if fault else ())


def _spoiled(text: str, *, shown: bool = True) -> Fault | None:
    said = f"“{text}”" if shown else "This"
    if SCIENTIFIC.fullmatch(text):
        return Fault(
            "scientific-notation", "S0-46", f"{said} is a number in scientific notation: digits are lost.",
            f"{_AS_TEXT} and take the code from its source again.",
        )  # fmt: skip
    if found := _DECIMALS.fullmatch(text):
        return Fault(
            "decimal-places", "S0-46", f"{said} has decimal places.", f"{_AS_TEXT}, or as a number without them.",
            suggestion=found[1] if shown else "",
        )  # fmt: skip
    return None


def _cds(text: str, in_reach: Reached) -> Fault | None:
    if text.isascii() and text.isdigit():
        return _digits(text, in_reach)
    joined = re.sub(r"[ \-]", "", text)
    if joined.isascii() and joined.isdigit() and len(joined) == CDS_LENGTH:
        return Fault("code-signs", "S0-46", f"“{text}” has blanks or hyphens.", f"Write {joined}.", suggestion=joined)
    return Fault("not-a-code", "S0-46", f"“{text}” is no CDS code.", f"Write its {CDS_LENGTH} digits.")


def _digits(text: str, in_reach: Reached) -> Fault | None:
    if len(text) == CDS_LENGTH:
        if text.strip("0"):
            return None
        return Fault("placeholder", "S0-46", "A code of zeros stands for no organization.", "Write the real code.")
    if len(text) == CDS_LENGTH - 1:
        return _lost_zero(text, "0" + text, f"“{text}” has 13 digits: its leading zero is lost.", in_reach)
    said = f"“{text}” has {len(text)} digits; a CDS code has {CDS_LENGTH}."
    return Fault("not-a-code", "S0-46", said, "Take the code from its source again.")


def _text(column: Column, text: str, in_reach: Reached, *, shown: bool = True) -> Fault | None:
    said = f"“{text}”" if shown else "The value"
    if not text.isascii() or not _TEXT.fullmatch(text):
        return Fault("not-a-code", "files", f"{said} is no {column.heading}.", "Write letters and digits only.")
    if column.pattern and not re.fullmatch(column.pattern, text):
        return Fault("not-a-code", "files", f"{said} is no {column.heading}.", f"Write it like {column.example}.")
    if not column.lengths or len(text) in column.lengths:
        return None
    usual = column.lengths[0]
    if text.isdigit() and len(text) < usual:
        lost = f"{said} has {len(text)} of {usual} characters: leading zeros are lost."
        return _lost_zero(text, text.zfill(usual), lost, in_reach)
    wanted = " or ".join(map(str, column.lengths))
    return Fault(
        "wrong-length", "files", f"{said} has {len(text)} characters instead of {wanted}.", "Write it in full."
    )


def _lost_zero(text: str, padded: str, message: str, in_reach: Reached) -> Fault:
    if in_reach(padded):
        return Fault(
            "lost-leading-zero", "S0-46", message, f"Write {padded} and format the column as text.", suggestion=padded
        )
    return Fault("lost-leading-zero", "S0-46", message, f"{_AS_TEXT} and take the code from its source again.")
