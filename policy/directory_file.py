"""A directory file's bytes as rows: encoding, header and shape judged before any cell is."""

import codecs
import csv
import io
from collections.abc import Iterator

from policy.directory_cells import CellRules, read_row
from policy.directory_rows import COLUMNS, DirectoryFile, DirectoryRow, RowProblem

_MOST_PROBLEMS = 1_000
_SAVE_AS_UTF8 = "Save the file as “CSV UTF-8 (comma delimited)”."


def read_directory(data: bytes, rules: CellRules | None = None) -> DirectoryFile:
    """The rows and all problems of the cells; a file whose encoding or header is wrong has no rows. Never raises."""
    refused = _encoding(data)
    if refused is not None:
        return DirectoryFile((), (refused,))
    try:
        records = list(_records(data.removeprefix(codecs.BOM_UTF8).decode("utf-8")))
    except csv.Error as error:
        return DirectoryFile((), (RowProblem(None, "", "", f"The file is no CSV text ({error}).", _SAVE_AS_UTF8),))
    if not records:
        return DirectoryFile((), (RowProblem(None, "", "", "The file is empty.", f"Its first row is {_header()}."),))
    refused = _wrong_header([cell.strip() for cell in records[0][1]])
    if refused is not None:
        return DirectoryFile((), (refused,))
    rows, problems = _rows(records[1:], rules or CellRules())
    if not rows and not problems:
        problems = [RowProblem(None, "", "", "The file has a header and no rows.", "Add a row per organization.")]
    return DirectoryFile(tuple(rows), tuple(problems[:_MOST_PROBLEMS]))


def _rows(records: list[tuple[int, list[str]]], rules: CellRules) -> tuple[list[DirectoryRow], list[RowProblem]]:
    rows: list[DirectoryRow] = []
    problems: list[RowProblem] = []
    for number, cells in records:
        values = [cell.strip(" \u00a0") for cell in cells]
        if not any(values):
            continue
        if len(values) != len(COLUMNS):
            problems.append(_wrong_width(number, values))
            continue
        row, found = read_row(number, dict(zip(COLUMNS, values, strict=True)), rules)
        problems += found
        if row is not None:
            rows.append(row)
    return rows, problems


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with its row number in a spreadsheet."""
    yield from enumerate(csv.reader(io.StringIO(text, newline="")), start=1)


def _encoding(data: bytes) -> RowProblem | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return RowProblem(None, "", "", "The file is UTF-16 text.", _SAVE_AS_UTF8)
    if b"\0" in data:
        return RowProblem(None, "", "", "The file holds zero bytes: it is no CSV text.", _SAVE_AS_UTF8)
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(body, error.start)
    return None


def _not_utf8(body: bytes, at: int) -> RowProblem:
    """Where the first byte that isn't UTF-8 stands, and what it would be in the usual other encoding."""
    number, cells = list(_records(body[:at].decode("utf-8") + "x"))[-1]
    column = COLUMNS[len(cells) - 1] if len(cells) <= len(COLUMNS) else ""
    meant = body[at : at + 1].decode("cp1252", "replace")
    message = f"The byte 0x{body[at]:02X} isn't UTF-8 (in Windows-1252 it is “{meant}”)."
    return RowProblem(number, column, meant, message, _SAVE_AS_UTF8)


def _wrong_header(found: list[str]) -> RowProblem | None:
    if found == list(COLUMNS):
        return None
    if len(found) == 1 and any(mark in found[0] for mark in ";\t"):
        mark = "semicolons" if ";" in found[0] else "tabs"
        return RowProblem(1, "", found[0], f"The columns are separated by {mark}.", "Save the file with commas.")
    for at, expected in enumerate(COLUMNS):
        actual = found[at] if at < len(found) else ""
        if actual != expected:
            said = f"“{actual}”" if actual else "nothing"
            return RowProblem(1, expected, actual, f"The header has {said} here.", f"The first row is {_header()}.")
    return RowProblem(1, "", found[len(COLUMNS)], "The header has more columns.", f"The first row is {_header()}.")


def _wrong_width(number: int, values: list[str]) -> RowProblem:
    message = f"The row has {len(values)} cells instead of {len(COLUMNS)}."
    return RowProblem(number, "", "", message, "Put a text that holds a comma in quotation marks; leave no cell out.")


def _header() -> str:
    return ",".join(COLUMNS)
