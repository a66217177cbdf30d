"""Records of a file of users as rows: the plain ones fast, the others cell by cell, all compared with each other."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, cast

from policy.files.addresses import domain_fault
from policy.files.careful import Cells, comparable, errors, full_row, read_carefully
from policy.files.faults import problem
from policy.files.format import Field, Format
from policy.files.headings import Layout
from policy.files.known import FileKnowledge
from policy.files.place import PLACING, SAYING, Said, Site, placed, said_by, site_of
from policy.files.plain import SEPARATOR, plain_row
from policy.files.records import Record
from policy.files.repeats import Found, Repeats, where
from policy.files.rows import Action, Item, OrganizationRef, Row, RowProblem
from policy.ids import RoleSlug

_MOST_REMEMBERED = 50_000
_NOT_OTHER = PLACING | {Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE, Field.IGNORED}


class _Said(NamedTuple):
    """What a combination of cells asks for, as the loop needs it."""

    said: Said
    action: Action
    role: RoleSlug
    label: str
    number: int
    """Of the role, for `Repeats`."""
    fits: int
    """The same for all that can be held at the same levels."""


class _Site(NamedTuple):
    """A combination of organizations, and what it comes to by `_Said.fits`: with levels, and as a hash."""

    site: Site
    places: dict[int, tuple[tuple[OrganizationRef, ...], int]]


class UserRows:
    """For one file: remembers what each combination of code, role and action means, and each good domain."""

    def __init__(self, form: Format, known: FileKnowledge, layout: Layout) -> None:
        self._form = form
        self._known = known
        self._layout = layout
        self._plain = plain_row(form, layout)
        self._repeats = Repeats(known) if known.find_repeats else None
        self._saying = Cells(form, layout, SAYING)
        self._site = Cells(form, layout, frozenset({Field.ORGANIZATION}))
        self._saids: dict[Hashable, _Said] = {}
        self._sites: dict[Hashable, _Site] = {}
        self._fits: dict[Hashable, int] = {}
        self._domains: set[str] = set()
        self._others = tuple(
            (column.field.value, at)
            for column, at in zip(form.columns, layout.places, strict=True)
            if column.field not in _NOT_OTHER and at is not None
        )

    def read(self, number: int, records: list[Record], into: list[Item]) -> None:
        """The rows and problems of consecutive records, the first of which has that number."""
        first, last, mail, phone = (self._at(field) for field in _PERSON)
        width, plain, saying, naming = self._layout.width, self._plain, self._saying.key, self._site.key
        saids, sites, domains, repeats, others = self._saids, self._sites, self._domains, self._repeats, self._others
        join = SEPARATOR.join
        for at, cells in enumerate(records, number):
            if isinstance(cells, RowProblem):
                into.append(cells)
                continue
            if len(cells) != width or (match := plain(join(cells))) is None:
                self._carefully(at, cells, into)
                continue
            asked = saids.get(saying(cells)) or self._said(cells)
            site = sites.get(naming(cells)) or self._named(cells)
            if asked is None or site is None or (match[2] not in domains and not self._good(match[2])):
                self._carefully(at, cells, into)
                continue
            said, action, role, label, role_number, fits = asked
            place = site.places.get(fits) or self._placed(site, asked)
            if place is None:
                self._carefully(at, cells, into)
                continue
            organizations, there = place
            names = (cells[first], cells[last], cells[phone] if phone >= 0 else "")
            address = cells[mail]
            more = tuple([(field, cells[index]) for field, index in others]) if others else ()
            raw = tuple(cells)
            row = _MAKE(Row, (at, action, address, *names, role, label, organizations, more, raw))
            if repeats is not None:
                told = repeats.of(at, address.lower(), said, role_number, there, hash(names))
                if told is not None:
                    self._collided(row, told, into)
                    continue
            into.append(row)

    def _said(self, cells: list[str]) -> _Said | None:
        """What a plain row asks for; None: something about it is to be told."""
        cleaned = self._saying.clean(cells)
        said, faults = said_by(self._form, self._known, cleaned) if cleaned else (None, ())
        if said is None or faults:
            return None
        number = self._repeats.number(said) if self._repeats else 0
        fits = self._fits.setdefault((said.role and said.role.levels, said.level), len(self._fits))
        asked = _Said(said, said.action, said.slug, said.label, number, fits)
        _remember(self._saids, self._saying.key(cells), asked)
        return asked

    def _named(self, cells: list[str]) -> _Site | None:
        """The organizations that a plain row names; None: something about them is to be told."""
        cleaned = self._site.clean(cells)
        site = site_of(self._form, self._known, cleaned)[0] if cleaned else None
        if site is None:
            return None
        named = _Site(site, {})
        _remember(self._sites, self._site.key(cells), named)
        return named

    def _placed(self, named: _Site, asked: _Said) -> tuple[tuple[OrganizationRef, ...], int] | None:
        organizations, wrong = placed(named.site, asked.said)
        if wrong is not None:
            return None
        place = named.places[asked.fits] = (organizations, where(organizations))
        return place

    def _good(self, domain: str) -> bool:
        if domain_fault(domain, self._known.last_label_limit) is not None:
            return False
        if len(self._domains) >= _MOST_REMEMBERED:
            self._domains.clear()
        self._domains.add(domain)
        return True

    def _carefully(self, number: int, record: list[str], into: list[Item]) -> None:
        if not any(cell.strip() for cell in record):
            return
        cells = full_row(self._layout, self._form, number, record)
        if isinstance(cells, RowProblem):
            into.append(cells)
            return
        told = read_carefully(self._form, self._known, self._layout, number, cells)
        into.extend(told.problems)
        if told.said is None or errors(told.problems):
            return
        values, said, organizations = told.values, told.said, told.organizations
        names = (values[Field.FIRST_NAME], values[Field.LAST_NAME], values.get(Field.PHONE, ""))
        others = tuple((field, values[Field(field)]) for field, _at in self._others)
        address = values[Field.EMAIL]
        row = Row(number, said.action, address, *names, said.slug, said.label, organizations, others, tuple(cells))
        found: list[Found] | None = None
        if self._repeats:
            role = self._repeats.number(said)
            found = self._repeats.of(number, comparable(address), said, role, where(organizations), hash(names))
        self._collided(row, found or [], into)

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

    def _at(self, field: Field) -> int:
        places = zip(self._form.columns, self._layout.places, strict=True)
        return next((at for column, at in places if column.field is field and at is not None), -1)


_MAKE = cast(Callable[[type[Row], tuple[object, ...]], Row], tuple.__new__)  # pyright: ignore[reportUnknownMemberType]
"""What `Row(...)` comes down to, without its keywords: half the time."""
_PERSON = (Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE)


def _remember(memory: dict[Hashable, Any], key: Hashable, value: object) -> None:
    """So that later rows needn't be worked out; forgets everything before it grows large."""
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()
    memory[key] = value
