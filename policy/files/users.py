"""Records of a file of users as rows: the plain ones fast, the others cell by cell, all compared with each other."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, cast

from policy.files.careful import comparable, errors, full_row, read_carefully
from policy.files.faults import problem
from policy.files.format import Field, Format
from policy.files.headings import Layout
from policy.files.known import FileKnowledge
from policy.files.place import PLACING, Place
from policy.files.plain import SEPARATOR, plain_row
from policy.files.records import Record
from policy.files.repeats import Found, Repeats, where
from policy.files.rows import Item, Row, RowProblem

_MOST_REMEMBERED = 200_000
_NOT_OTHER = PLACING | {Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE, Field.IGNORED}

Pick = Callable[[list[str]], Any]


class UserRows:
    """For one file: remembers what each combination of code, role and action means, and each good domain."""

    def __init__(self, form: Format, known: FileKnowledge, layout: Layout) -> None:
        self._form = form
        self._known = known
        self._layout = layout
        self._plain = plain_row(form, layout)
        self._repeats = Repeats(known) if known.find_repeats else None
        self._placing = _pick(form, layout)
        self._places: dict[Any, tuple[Place, int]] = {}
        self._domains: set[str] = set()
        self._others = tuple(
            (column.field.value, at)
            for column, at in zip(form.columns, layout.places, strict=True)
            if column.field not in _NOT_OTHER and at is not None
        )

    def read(self, number: int, records: list[Record], into: list[Item]) -> None:
        """The rows and problems of consecutive records, the first of which has that number."""
        first, last, mail, phone = (self._at(field) for field in _PERSON)
        width, plain, places, domains = self._layout.width, self._plain, self._places, self._domains
        placing, repeats, others = self._placing, self._repeats, self._others
        join = SEPARATOR.join
        for at, cells in enumerate(records, number):
            if (
                type(cells) is list
                and len(cells) == width
                and (match := plain(join(cells))) is not None
                and (found := places.get(placing(cells))) is not None
                and match[2] in domains
            ):
                place, there = found
                names = (cells[first], cells[last], cells[phone] if phone >= 0 else "")
                address = cells[mail]
                more = tuple([(field, cells[index]) for field, index in others]) if others else ()
                row = _MAKE(
                    Row, (at, place.action, address, *names, place.role, place.role_label, place.organizations,
                          more, tuple(cells)),
                )  # fmt: skip
                if repeats is None or (told := repeats.of(at, address.lower(), place, there, hash(names))) is None:
                    into.append(row)
                else:
                    self._collided(row, told, into)
            elif isinstance(cells, RowProblem):
                into.append(cells)
            elif any(cell.strip() for cell in cells):
                self._carefully(at, cells, into)

    def _carefully(self, number: int, record: list[str], into: list[Item]) -> None:
        cells = full_row(self._layout, self._form, number, record)
        if isinstance(cells, RowProblem):
            into.append(cells)
            return
        told = read_carefully(self._form, self._known, self._layout, number, cells)
        into.extend(told.problems)
        if told.place is None or errors(told.problems):
            return
        values, place = told.values, told.place
        self._remember(cells, told.problems, values[Field.EMAIL], place)
        names = (values[Field.FIRST_NAME], values[Field.LAST_NAME], values.get(Field.PHONE, ""))
        others = tuple((field, values[Field(field)]) for field, _at in self._others)
        row = Row(
            number, place.action, values[Field.EMAIL], *names, place.role, place.role_label, place.organizations,
            others, tuple(cells),
        )  # fmt: skip
        found = self._repeats and self._repeats.of(number, comparable(row.email), place, where(place), hash(names))
        if found:
            self._collided(row, found, into)
        else:
            into.append(row)

    def _collided(self, row: Row, found: list[Found], into: list[Item]) -> None:
        """The problems, and behind them the row unless one is an error."""
        told = [self._problem(row, one) for one in found]
        into.extend(told)
        if not errors(told):
            into.append(row)

    def _problem(self, row: Row, found: Found) -> RowProblem:
        for column, at in zip(self._form.columns, self._layout.places, strict=True):
            if column.field is found.field and at is not None:
                return problem(found.fault, row.number, column.heading, row.raw[at])
        return problem(found.fault, row.number, "", "")

    def _remember(self, cells: list[str], problems: list[RowProblem], address: str, place: Place) -> None:
        """What this row's combination and domain mean, so that later ones needn't be worked out."""
        if problems:
            return
        if len(self._places) >= _MOST_REMEMBERED:
            self._places.clear()
        self._places[self._placing(cells)] = (place, where(place))
        domain = address.rpartition("@")[2]
        if domain.isascii():
            if len(self._domains) >= _MOST_REMEMBERED:
                self._domains.clear()
            self._domains.add(domain)

    def _at(self, field: Field) -> int:
        places = zip(self._form.columns, self._layout.places, strict=True)
        return next((at for column, at in places if column.field is field and at is not None), -1)


_MAKE = cast("Callable[[type[Row], tuple[object, ...]], Row]", tuple.__new__)
"""What `Row(...)` comes down to, without its keywords: half the time."""
_PERSON = (Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE)


def _pick(form: Format, layout: Layout) -> Pick:
    """The cells that decide a place, as one key."""
    places = zip(form.columns, layout.places, strict=True)
    return itemgetter(*(at for column, at in places if column.field in PLACING and at is not None))
