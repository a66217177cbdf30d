"""One row of a file of users cell by cell: cleaned, every fault found. What isn't plain comes here."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from policy.files.addresses import email
from policy.files.cells import clean
from policy.files.codes import identifier
from policy.files.faults import Checked, problem
from policy.files.format import Column, Field, Format
from policy.files.headings import Layout
from policy.files.known import FileKnowledge
from policy.files.names import person_name
from policy.files.phones import phone
from policy.files.place import PLACING, Place, place_of
from policy.files.rows import RowProblem, Severity


class Told(NamedTuple):
    """A row's cleaned values by field; `place` None: it has errors."""

    values: dict[Field, str]
    place: Place | None
    problems: list[RowProblem]


def read_carefully(form: Format, known: FileKnowledge, layout: Layout, number: int, cells: Sequence[str]) -> Told:
    """The row's values and every problem with it; `cells` are as many as the layout is wide."""
    problems: list[RowProblem] = []
    values: dict[Field, str] = {}
    placing: list[tuple[Column, str]] = []
    good = True
    for column, at in zip(form.columns, layout.places, strict=True):
        cell = "" if at is None else cells[at]
        checked = clean(column, cell)
        if checked.good and checked.value and column.field not in PLACING:
            checked = _checked(column, checked.value, known)
        problems += [problem(fault, number, column.heading, cell) for fault in checked.faults]
        if not checked.good:
            good = False
        elif column.field in PLACING:
            placing.append((column, checked.value))
        else:
            values[column.field] = checked.value
    place, faults = place_of(form, known, placing)
    for column, fault in faults:
        problems.append(problem(fault, number, column.heading, _cell(form, layout, column, cells)))
    return Told(values, place if good else None, problems)


def comparable(address: str) -> str:
    """The address for comparison inside a file."""
    return address.lower() if address.isascii() else unicodedata.normalize("NFKC", address).casefold()


def full_row(layout: Layout, form: Format, number: int, cells: list[str]) -> list[str] | RowProblem:
    """The row with exactly as many cells as the header, or what is wrong with their number."""
    missing = layout.width - len(cells)
    if missing == 0:
        return cells
    if missing > 0:
        needed = max((at for at, column in _used(layout, form) if column.required), default=-1) + 1
        if len(cells) >= needed:
            return cells + [""] * missing
        message = f"The row has {len(cells)} cells; the header has {layout.width}."
        return RowProblem(number, "", "", "too-few-cells", "S0-45", message, "Fill every column, leave no cell out.")
    if not any(cell.strip() for cell in cells[layout.width :]):
        return cells[: layout.width]
    message = f"The row has {len(cells)} cells; the header has {layout.width}: a comma is taken for a separator."
    remedy = "Remove the comma, or put the cell that holds it in quotation marks."
    return RowProblem(number, "", "", "too-many-cells", "S0-47", message, remedy)


def errors(problems: Sequence[RowProblem]) -> bool:
    return any(one.severity is Severity.ERROR for one in problems)


def _used(layout: Layout, form: Format) -> list[tuple[int, Column]]:
    return [(at, column) for at, column in zip(layout.places, form.columns, strict=True) if at is not None]


def _cell(form: Format, layout: Layout, wanted: Column, cells: Sequence[str]) -> str:
    at = next(at for at, column in zip(layout.places, form.columns, strict=True) if column is wanted)
    return "" if at is None else cells[at]


def _checked(column: Column, text: str, known: FileKnowledge) -> Checked:
    match column.field:
        case Field.FIRST_NAME | Field.LAST_NAME:
            return person_name(text)
        case Field.EMAIL:
            return email(text, known.last_label_limit, known.judge_email)
        case Field.PHONE:
            return phone(text, column.pattern, known.judge_phone)
        case Field.STAFF_ID:
            return identifier(column, text)
        case _:
            return Checked(text)
