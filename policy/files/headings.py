"""A file's first row against a format: which column stands where, or what file this is instead."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from string import ascii_uppercase

from policy.files.format import Column, Format, Subject
from policy.files.rows import FileRefusedError

MOST_COLUMNS = 100
_NO_PART = re.compile(r"[^a-z0-9]")
_SHOWN = 8
_TEMPLATE = "Download the template, and copy the rows into it."


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column of the format stands. `width`: cells of a full row; `places`: index by column, None: absent."""

    width: int
    places: tuple[int | None, ...]


def heading_key(heading: str) -> str:
    """A heading for comparison: "E-mail Address *", "EMAIL_ADDRESS" and "email address" are one."""
    return _NO_PART.sub("", unicodedata.normalize("NFKC", heading).casefold())


def layout(form: Format, found: Sequence[str], others: Iterable[Format] = (), *, row: int = 1) -> Layout:
    """Where the columns are. `others`: formats that the file may be of instead. Raises FileRefusedError."""
    if len(found) > MOST_COLUMNS:
        text = f"The file has {len(found)} columns; the format “{form.label}” has {len(form.columns)}."
        raise FileRefusedError("too-many-columns", text, _TEMPLATE, row=row)
    headings = _without_empty_end(found)
    placed = _placed(form, headings)
    if placed is not None:
        return Layout(len(found), placed)
    raise _refusal(form, headings, others, row)


def fits(form: Format, found: Sequence[str]) -> bool:
    """Whether the headings are a format's."""
    return _placed(form, _without_empty_end(found)) is not None


def letter(index: int) -> str:
    """The column's letter in a spreadsheet: 0 is A."""
    return letter(index // 26 - 1) + ascii_uppercase[index % 26] if index >= 26 else ascii_uppercase[index]


def _without_empty_end(found: Sequence[str]) -> list[str]:
    headings = [heading.strip() for heading in found]
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _names(column: Column) -> frozenset[str]:
    return frozenset(heading_key(name) for name in (column.heading, *column.aliases))


def _placed(form: Format, headings: list[str]) -> tuple[int | None, ...] | None:
    keys = [heading_key(heading) for heading in headings]
    if form.ordered:
        if len(keys) < len(form.columns) or (len(keys) > len(form.columns) and not form.further_columns):
            return None
        fitting = all(key in _names(column) for key, column in zip(keys, form.columns, strict=False))
        return tuple(range(len(form.columns))) if fitting else None
    if len(set(keys)) < len(keys) and not form.further_columns:
        return None
    places = tuple(next((at for at, key in enumerate(keys) if key in _names(column)), None) for column in form.columns)
    if any(place is None and column.required for place, column in zip(places, form.columns, strict=True)):
        return None
    used = sum(place is not None for place in places)
    return places if form.further_columns or used == len(keys) else None


def _refusal(form: Format, headings: list[str], others: Iterable[Format], row: int) -> FileRefusedError:
    if form.subject is Subject.GROUPS:  # a cell with digits may be a student's number, which no message repeats
        headings = [
            "…" if any(one.isdigit() for one in heading) and not _own(form, heading) else heading
            for heading in headings
        ]
    keys = [heading_key(heading) for heading in headings]
    for earlier in form.earlier:
        if keys == [heading_key(heading) for heading in earlier.headings]:
            until = f" (until {earlier.last_year})" if earlier.last_year else ""
            text = f"This is an earlier template: {earlier.label}{until}. {' '.join(_difference(form, headings))}"
            return FileRefusedError("earlier-template", text, _TEMPLATE, row=row)
    for other in others:
        if other.code != form.code and fits(other, headings):
            text = f"This looks like a file of the format “{other.label}”, not “{form.label}”."
            return FileRefusedError("wrong-file", text, "Choose that format, or another file.", row=row)
    if _is_data(headings):
        text = "The first row holds data instead of the headings."
        return FileRefusedError("no-headings", text, f"Put this row first: {_wanted(form)}.", row=row)
    if not any(key in _names(column) for key in keys for column in form.columns):
        text = f"None of the headings is one of the format “{form.label}”: the first row holds {_some(headings)}."
        return FileRefusedError("wrong-file", text, f"The first row is {_wanted(form)}.", row=row)
    text = " ".join(_difference(form, headings)) or "The headings aren't those of the format."
    return FileRefusedError("wrong-headings", text, _TEMPLATE, row=row)


def _own(form: Format, heading: str) -> bool:
    return any(heading_key(heading) in _names(column) for column in form.columns)


def _difference(form: Format, headings: list[str]) -> Iterator[str]:
    """One sentence for each kind of difference."""
    keys = [heading_key(heading) for heading in headings]
    missing = [
        column for column in form.columns if not _names(column) & set(keys) and (column.required or form.ordered)
    ]
    known = frozenset[str]().union(*(_names(column) for column in form.columns))
    unknown = [heading for heading, key in zip(headings, keys, strict=True) if key not in known]
    if missing:
        yield f"Missing: {', '.join(_with_guess(column, unknown) for column in missing)}."
    if unknown and not (form.further_columns and not missing):
        yield f"Unknown: {_some(unknown)}."
    doubled = sorted({heading for heading, key in zip(headings, keys, strict=True) if keys.count(key) > 1})
    if doubled:
        yield f"More than once: {_some(doubled)}."
    if not missing and form.ordered:
        for at, column in enumerate(form.columns):
            if keys[at] not in _names(column):
                yield f"Column {letter(at)} is “{headings[at]}” and must be “{column.heading}”."
                return


def _with_guess(column: Column, unknown: list[str]) -> str:
    near = [one for name in (column.heading, *column.aliases) for one in get_close_matches(name, unknown, 1)]
    return f"“{column.heading}” (is “{near[0]}” meant?)" if near else f"“{column.heading}”"


def _is_data(headings: list[str]) -> bool:
    return any("@" in heading or heading == "…" or re.fullmatch(r"\d{6,}", heading) for heading in headings)


def _wanted(form: Format) -> str:
    return ",".join(column.heading for column in form.columns)


def _some(headings: Sequence[str]) -> str:
    shown = ", ".join(f"“{heading[:40]}”" for heading in headings[:_SHOWN]) or "nothing"
    return f"{shown} and {len(headings) - _SHOWN} more" if len(headings) > _SHOWN else shown
