"""A cell's text before it means anything: blanks, invisible characters, line breaks, formulas, length."""

import re
import unicodedata
from collections.abc import Iterator

from policy.files.export import unprotected
from policy.files.faults import Checked, Fault
from policy.files.format import Column, Field

_BLANKS = re.compile(r"[\s\u00a0\u2007\u202f\u3000]+")
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")
_PHONE = re.compile(r"[+＋][\d( ]")
_LONGEST_CODE = 60
"""What has lengths or a pattern of its own is judged by those, which know why a cell may be too long."""


def clean(column: Column, cell: str) -> Checked:
    """The text without surrounding and doubled blanks, or why it can't be read; says also that one is missing."""
    if column.field is Field.IGNORED:
        return Checked(cell)
    text = unprotected(cell).strip()
    if not text:
        return Checked("", (_missing(column),)) if column.required else Checked("")
    faults = tuple(_faults(column, text))
    if faults:
        return Checked(text, faults)
    if text.isascii():
        return Checked(_BLANKS.sub(" ", text) if "  " in text else text)
    return Checked(_BLANKS.sub(" ", unicodedata.normalize("NFC", text)))


def _faults(column: Column, text: str) -> Iterator[Fault]:
    printable = text.isascii() and text.isprintable()  # most are, and the rest of the looking is slow
    if not printable and any(mark in text for mark in "\r\n\t\v\f\u2028\u2029\x85"):
        yield Fault(
            "line-break", "files", "The cell holds a line break or a tab.",
            "Remove it; if it isn't meant to be there, look for a quotation mark (\") that isn't closed.",
        )  # fmt: skip
        return
    hidden = "" if printable else next((one for one in text if unicodedata.category(one)[0] == "C"), "")
    if hidden:
        yield _hidden(hidden)
    elif "\ufffd" in text:
        yield Fault(
            "lost-character", "files", "A character was lost when the file was saved (�).",
            "Type the cell again and save the file as “CSV UTF-8 (comma delimited)”.",
        )  # fmt: skip
    elif _FORMULA.match(text) and not (column.field is Field.PHONE and _PHONE.match(text)):
        yield Fault(
            "formula", "files", f"The cell begins with “{text[0]}”: a spreadsheet takes it for a formula.",
            "Write its result as plain text.",
        )  # fmt: skip
    elif len(text) > (_LONGEST_CODE if column.lengths or column.pattern else column.max_length):
        yield Fault(
            "too-long", "S0-43", f"The cell has {len(text)} characters; {column.max_length} are allowed.", "Shorten it."
        )


def _missing(column: Column) -> Fault:
    return Fault("missing", "S0-45", f"The {column.heading} is missing.", "Fill the cell: every row needs it.")


def _hidden(one: str) -> Fault:
    name = unicodedata.name(one, "a control character").lower()
    turning = unicodedata.bidirectional(one) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    does = "changes the direction of the text" if turning or one in "\u200e\u200f\u061c" else "can't be seen"
    return Fault(
        "invisible-character", "files", f"The cell holds a character that {does}: U+{ord(one):04X}, {name}.",
        "Delete the cell's text and type it again.",
    )  # fmt: skip
