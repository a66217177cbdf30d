"""One row of a file of users cell by cell: cleaned, every fault found. What isn't plain comes here."""

import unicodedata
from collections.abc import Callable, Hashable, Sequence
from operator import itemgetter
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
from policy.files.place import PLACING, SAYING, At, Cleaned, Said, placed, said_by, site_of
from policy.files.rows import OrganizationRef, RowProblem, Severity


class Cells:
    """The cells of some fields in rows of one layout."""

    def __init__(self, form: Format, layout: Layout, fields: frozenset[Field]) -> None:
        columns = zip(form.columns, layout.places, strict=True)
        self._columns = [(column, at) for column, at in columns if column.field in fields and at is not None]
        places = [at for _column, at in self._columns]
        self.key: Callable[[Sequence[str]], Hashable] = itemgetter(*places) if places else lambda _cells: ()

    def clean(self, cells: Sequence[str]) -> list[tuple[Column, str]] | None:
        """Columns with their cleaned values; None: one of them is at fault."""
        found = [(column, clean(column, cells[at])) for column, at in self._columns]
        if any(checked.faults for _column, checked in found):
            return None
        return [(column, checked.value) for column, checked in found]


class Told(NamedTuple):
    """A row's cleaned values by field, but those that say what and where; `said` None: it has errors."""

    values: dict[Field, str]
    said: Said | None
    organizations: tuple[OrganizationRef, ...]
    problems: list[RowProblem]


def read_carefully(form: Format, known: FileKnowledge, layout: Layout, number: int, cells: Sequence[str]) -> Told:
    """The row's values and every problem with it; `cells` are as many as the layout is wide."""
    problems: list[RowProblem] = []
    values: dict[Field, str] = {}
    saying: list[tuple[Column, str]] = []
    sites: list[tuple[Column, str]] = []
    good = True
    for column, at in zip(form.columns, layout.places, strict=True):
        cell = "" if at is None else cells[at]
        checked = clean(column, cell)
        if checked.good and checked.value and column.field not in PLACING:
            checked = _checked(column, checked.value, known)
        problems += [problem(fault, number, column.heading, cell) for fault in checked.faults]
        if not checked.good:
            good = False
        elif column.field is Field.ORGANIZATION:
            sites.append((column, checked.value))
        elif column.field in SAYING:
            saying.append((column, checked.value))
        else:
            values[column.field] = checked.value
    said, organizations, faults = where_and_what(form, known, saying, sites)
    for column, fault in faults:
        problems.append(problem(fault, number, column.heading, _cell(form, layout, column, cells)))
    order = {column.heading: place for place, column in enumerate(form.columns)}
    problems.sort(key=lambda one: order[one.column])
    return Told(values, said if good else None, organizations, problems)


def where_and_what(
    form: Format, known: FileKnowledge, saying: Cleaned, sites: Cleaned
) -> tuple[Said | None, tuple[OrganizationRef, ...], list[At]]:
    """What a row asks for and where, from cleaned cells; None with at least one error."""
    said, faults = said_by(form, known, saying)
    site, more = site_of(form, known, sites)
    found = [*faults, *more]
    if said is None or site is None:
        return None, (), found
    organizations, wrong = placed(site, said)
    if wrong is not None:
        return None, (), [*found, At(site.column, wrong)]
    return said, organizations, found


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
