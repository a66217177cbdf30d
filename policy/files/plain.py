"""Rows that need no second look: one expression over the whole row, made from a format's columns.

Most rows of a file are plain. Judging them cell by cell costs ten times as much as reading them; this expression takes
a row only if each of its cells is certainly good as it stands, and leaves all others to `careful`.
"""

import re
from collections.abc import Callable

from policy.files import phones
from policy.files.addresses import PLAIN_LOCAL
from policy.files.format import Column, Field, Format
from policy.files.headings import Layout

SEPARATOR = "\x1f"
"""Stands between the joined cells; a cell that holds it never matches."""

_ANY = r"[^\x1f]*"
_LETTER = r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
_NEVER = r"(?!)"
_LONGEST_DOMAIN = 40


def plain_row(form: Format, layout: Layout) -> Callable[[str], re.Match[str] | None]:
    """Matches a joined plain row. Group 1: the address's part before the @; group 2: the domain, still to be judged.

    Cells of the placing fields match anything: their combination is looked up.
    """
    parts = [_ANY] * layout.width
    for column, at in zip(form.columns, layout.places, strict=True):
        if at is not None:
            found = _part(column)
            parts[at] = found if found == _ANY else f"(?:{found})" if column.required else f"(?:{found})?"
    return re.compile(SEPARATOR.join(parts)).fullmatch


def _part(column: Column) -> str:
    match column.field:
        case Field.FIRST_NAME | Field.LAST_NAME:
            # three words of a third of the length each are never too long together
            long = max((column.max_length - 2) // 3, 1)
            return rf"{_LETTER}{{1,{long}}}(?:[ '.\-]{_LETTER}{{1,{long}}}){{0,2}}"
        case Field.EMAIL:
            most = min(column.max_length - _LONGEST_DOMAIN - 1, 64)
            return (
                rf"(?=[^@]{{1,{most}}}@)({PLAIN_LOCAL})@([A-Za-z0-9.\-]{{3,{_LONGEST_DOMAIN}}})" if most > 0 else _NEVER
            )
        case Field.PHONE:
            return _phone(column)
        case Field.STAFF_ID:
            if column.pattern or column.lengths:
                return _NEVER
            return rf"[0-9]{{1,{column.max_length}}}|[A-Za-z][A-Za-z0-9]{{0,{column.max_length - 1}}}"
        case Field.STATE:
            return r"[A-Z]{2}"
        case _:
            return _ANY


def _phone(column: Column) -> str:
    if not column.pattern:
        return phones.PLAIN if column.max_length >= phones.LONGEST_PLAIN else _NEVER
    hyphens = r"[2-9]\d\d-[2-9]\d\d-\d{4}"
    return hyphens if re.fullmatch(column.pattern, "916-555-0100") else _NEVER
