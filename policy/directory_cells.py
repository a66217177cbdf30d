"""One row of a directory file: each cell judged, with the traps of spreadsheets named and their remedy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy.directory_rows import DirectoryRow, Funding, RowProblem, Superintendent
from policy.facts import Level

CODE_LENGTH = 14
LEA_ENDING = "0000000"
LONGEST_TEXT = 200
_LONGEST_EMAIL = 254
_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")
_DECIMALS = re.compile(r"\d+[.,]0+")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]+@(?:[^\s@.\"(),:;<>\[\]\\]+\.)+([^\s@.\"(),:;<>\[\]\\]{2,})")
_FORMULA = ("=", "+", "-", "@", "\t")
_YES = frozenset({"yes", "true"})
_NO = frozenset({"no", "false"})
_PERSON = ("superintendent_first_name", "superintendent_last_name", "superintendent_email")

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CellRules:
    """What a state may set: `last_label_limit` is the longest last label of an address (S0-27)."""

    last_label_limit: int | None = None


def read_row(number: int, cells: Cells, rules: CellRules) -> tuple[DirectoryRow | None, tuple[RowProblem, ...]]:
    """The row, or what is wrong with it, all at once."""
    problems = tuple(RowProblem(number, *found) for found in _problems(cells, rules))
    return (None, problems) if problems else (_row(number, cells), ())


_Found = tuple[str, str, str, str]
"""Column, value, message, remedy."""


def _row(number: int, cells: Cells) -> DirectoryRow:
    names = tuple(cells[column] for column in _PERSON)
    return DirectoryRow(
        row=number,
        code=cells["code"],
        name=cells["name"],
        level=Level(cells["level"].lower()),
        parent=cells["parent"],
        funding=Funding(cells["funding"].lower()) if cells["funding"] else None,
        superintendent=Superintendent(*names) if any(names) else None,
        active=cells["active"].lower() in _YES,
    )


def _problems(cells: Cells, rules: CellRules) -> Iterator[_Found]:
    texts = [found for column, value in cells.items() for found in _text(column, value)]
    yield from texts
    if texts:
        return
    level = cells["level"].lower()
    yield from _required(cells, level)
    if level not in set(Level):
        yield "level", cells["level"], f"“{cells['level']}” is no level.", "Write state, lea or school."
        return
    if level != Level.STATE:
        yield from _code("code", cells["code"])
        yield from _ending(cells, level)
    if level == Level.SCHOOL:
        yield from _code("parent", cells["parent"])
    yield from _words(cells)
    yield from _person(cells, level, rules)


def _text(column: str, value: str) -> Iterator[_Found]:
    if value.startswith(_FORMULA):
        yield column, value, "The cell holds a formula.", "Write its result as plain text."
    elif any(ord(one) < 32 or ord(one) == 127 for one in value):
        yield column, value, "The cell holds a control character or line break.", "Remove it."
    elif len(value) > LONGEST_TEXT:
        yield column, value[:40] + "…", f"The cell is longer than {LONGEST_TEXT} characters.", "Shorten it."


def _required(cells: Cells, level: str) -> Iterator[_Found]:
    needed = ("code", "name", "level", *(("parent",) if level == Level.SCHOOL else ()), "active")
    for column in needed:
        if not cells[column]:
            yield column, "", f"The {column} is missing.", "Fill the cell."


def _is_code(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) == CODE_LENGTH


def _code(column: str, code: str) -> Iterator[_Found]:
    if not code or _is_code(code):
        return
    if _SCIENTIFIC.fullmatch(code):
        remedy = "Format the column as text and take the code from its source again: digits are lost."
        yield column, code, f"“{code}” is a number in scientific notation, not a code.", remedy
    elif _DECIMALS.fullmatch(code):
        yield column, code, f"“{code}” has decimal places.", "Format the column as text."
    elif code.isascii() and code.isdigit() and len(code) == CODE_LENGTH - 1:
        yield column, code, f"“{code}” has 13 digits: its leading zero is lost.", f"Write 0{code} and format the column as text."  # noqa: E501  # fmt: skip
    else:
        yield column, code, f"“{code}” is no CDS code.", f"Write {CODE_LENGTH} digits without blanks or hyphens."


def _ending(cells: Cells, level: str) -> Iterator[_Found]:
    code, direct = cells["code"], cells["funding"].lower() == Funding.DIRECT
    if not _is_code(code):
        return
    if level == Level.LEA and not code.endswith(LEA_ENDING) and not direct:
        remedy = f"End it in {LEA_ENDING}, or set funding to direct where the LEA is a direct-funded charter."
        yield "code", code, f"“{code}” is a school's code, and the row is of an LEA.", remedy
    if level == Level.SCHOOL and code.endswith(LEA_ENDING):
        yield "code", code, f"“{code}” is an LEA's code, and the row is of a school.", "Write the school's own code."


def _words(cells: Cells) -> Iterator[_Found]:
    if cells["funding"] and cells["funding"].lower() not in set(Funding):
        yield "funding", cells["funding"], f"“{cells['funding']}” is no funding.", "Write direct or local for a charter, else nothing."  # noqa: E501  # fmt: skip
    if cells["active"] and cells["active"].lower() not in _YES | _NO:
        yield "active", cells["active"], f"“{cells['active']}” is neither yes nor no.", "Write yes or no."


def _person(cells: Cells, level: str, rules: CellRules) -> Iterator[_Found]:
    given = [column for column in _PERSON if cells[column]]
    if given and level != Level.LEA:
        yield given[0], cells[given[0]], "A superintendent is of an LEA.", "Leave the superintendent's cells empty in this row."  # noqa: E501  # fmt: skip
        return
    for column in _PERSON if given else ():
        if not cells[column]:
            yield column, "", "The superintendent's name or e-mail address is missing.", "Fill all three cells or none."
    email = cells["superintendent_email"]
    if not email:
        return
    found = _EMAIL.fullmatch(email)
    if found is None or len(email) > _LONGEST_EMAIL:
        yield "superintendent_email", email, f"“{email}” is no e-mail address.", "Write one like name@district.org."
    elif rules.last_label_limit is not None and len(found[1]) > rules.last_label_limit:
        limit = f"Use an address whose part behind the last dot has {rules.last_label_limit} characters at most."
        yield "superintendent_email", email, f"“{email}” ends in a part that is too long (S0-27).", limit
