"""Cells for files that people open in spreadsheets: nothing in them may be taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would calculate (leading =, +, -, @, tab, line end).

    `unprotected` takes exactly that apostrophe away again.
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def unprotected(cell: str) -> str:
    """What `safe_cell` was given."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell


def csv_line(cells: Iterable[str]) -> str:
    """One record of safe cells, quoted where needed, with CR LF (RFC 4180)."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()
