"""Reads a file format from TOML: text in, a checked format out, or every problem at once."""

import re
from collections.abc import Iterator

from policy.facts import Level
from policy.files.format import ChangedLabel, CodeShape, Column, EarlierTemplate, Field, Format, Mode, Subject
from policy.files.format_words import action_of, level_of
from policy.files.headings import heading_key
from policy.files.rows import Action
from policy.ids import ProgramCode, SchoolYear
from policy.pack_problems import PackError, PackProblem, Problems
from policy.pack_section import SLUG, Section, parse

__all__ = ["PackError", "PackProblem", "read_format"]

_YEAR = re.compile(r"(\d{4})-(\d{2})")
_NEEDED = {
    Subject.USERS: (Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.ROLE, Field.ORGANIZATION),
    Subject.GROUPS: (Field.GROUP, Field.ORGANIZATION, Field.STUDENT, Field.EMAIL),
}
_ONLY_GROUPS = frozenset({Field.GROUP, Field.SUBJECT, Field.STUDENT})
_ONLY_USERS = frozenset({Field.FIRST_NAME, Field.LAST_NAME, Field.PHONE, Field.ROLE, Field.LEVEL, Field.STAFF_ID})


def read_format(text: str, file: str) -> Format:
    """The format of a TOML file, complete and checked. `file` is what problems call it. Raises PackError."""
    problems = Problems(file)
    section = parse(text, problems)
    found = _format(section)
    _check(found, section)
    problems.raise_any()
    return found


def _format(file: Section) -> Format:
    code = file.text("format")
    if code and not SLUG.fullmatch(code):
        file.wrong("format", f"“{code}” is no code: write small letters, digits and hyphens.")
    found = Format(
        code=code,
        label=file.text("label"),
        programs=tuple(ProgramCode(one) for one in file.texts("programs")),
        subject=file.choice("subject", Subject) or Subject.USERS,
        mode=file.choice("mode", Mode) or Mode.WHOLE,
        writes=file.choice("writes", Action) or Action.ADD,
        columns=tuple(_column(one) for one in file.sections("columns")),
        ordered=file.flag("ordered", default=True),
        further_columns=file.flag("further_columns", default=False),
        earlier=tuple(_earlier(one) for one in file.sections("earlier")),
        changed_labels=tuple(_changed(one) for one in file.sections("changed_labels")),
        source=file.text("source"),
    )
    file.done()
    return found


def _column(section: Section) -> Column:
    accepted = section.section("accepted", required=False)
    found = Column(
        field=section.choice("field", Field) or Field.IGNORED,
        heading=section.text("heading"),
        aliases=section.texts("aliases"),
        required=section.flag("required", default=True),
        max_length=section.number("max_length", required=False) or 100,
        accepted=tuple((name, accepted.text(name)) for name in accepted.names()),
        example=section.optional_text("example") or "",
        remarks=section.optional_text("remarks") or "",
        level=section.choice("level", Level, required=False),
        shape=section.choice("shape", CodeShape, required=False) or CodeShape.TEXT,
        lengths=_lengths(section),
        pattern=_pattern(section),
    )
    if found.field in (Field.ACTION, Field.LEVEL):
        _check_words(found, section)
    section.done()
    return found


def _lengths(section: Section) -> tuple[int, ...]:
    found = section.items("lengths")
    good = tuple(one for one in found if isinstance(one, int) and not isinstance(one, bool) and one > 0)
    if len(good) < len(found):
        section.wrong("lengths", "must hold whole numbers above 0 only.")
    return good


def _pattern(section: Section) -> str:
    text = section.optional_text("pattern") or ""
    try:
        re.compile(text)
    except re.error as error:
        section.wrong("pattern", f"is no regular expression: {error}.")
        return ""
    return text


def _check_words(column: Column, section: Section) -> None:
    """What the accepted words of an action or level mean must be known."""
    known = action_of if column.field is Field.ACTION else level_of
    if not column.accepted:
        section.wrong("accepted", "is missing: say what each word means.")
    for word, meaning in column.accepted:
        try:
            known(meaning)
        except ValueError as error:
            section.wrong("accepted", f"{word}: {error}")


def _year(section: Section, name: str) -> SchoolYear | None:
    text = section.optional_text(name)
    if text is None:
        return None
    found = _YEAR.fullmatch(text)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        section.wrong(name, f"“{text}” is no school year: write it as 2026-27.")
        return None
    return SchoolYear(text)


def _earlier(section: Section) -> EarlierTemplate:
    found = EarlierTemplate(
        section.text("label"), _year(section, "last_year"), section.texts("headings", required=True)
    )
    section.done()
    return found


def _changed(section: Section) -> ChangedLabel:
    found = ChangedLabel(section.text("label"), _year(section, "last_year"), section.text("note"))
    section.done()
    return found


def _check(form: Format, file: Section) -> None:
    for text in (*_fields(form), *_headings(form), *_organizations(form)):
        file.wrong("columns", text)
    now = tuple(heading_key(column.heading) for column in form.columns)
    for earlier in form.earlier:
        if tuple(map(heading_key, earlier.headings)) == now:
            file.wrong("earlier", f"{earlier.label} has the same headings as the format itself.")


def _fields(form: Format) -> Iterator[str]:
    fields = [column.field for column in form.columns]
    for needed in _NEEDED[form.subject]:
        if needed not in fields:
            yield f"has no column of the field {needed}."
    for field in sorted(set(fields)):
        if fields.count(field) > 1 and field not in (Field.ORGANIZATION, Field.IGNORED):
            yield f"has the field {field} twice."
    for field in sorted(set(fields) & (_ONLY_GROUPS if form.subject is Subject.USERS else _ONLY_USERS)):
        yield f"has the field {field}, which is not of {form.subject}."


def _headings(form: Format) -> Iterator[str]:
    seen: dict[str, Column] = {}
    for column in form.columns:
        for name in (column.heading, *column.aliases):
            key = heading_key(name)
            if not key:
                yield f"has a heading without letters or digits: “{name}”."
            elif seen.setdefault(key, column) is not column:
                yield f"reads “{name}” as two columns: {seen[key].heading} and {column.heading}."


def _organizations(form: Format) -> Iterator[str]:
    places = [column for column in form.columns if column.field is Field.ORGANIZATION]
    levels = [column.level for column in places]
    if len(places) > 1 and (None in levels or len(set(levels)) < len(levels)):
        yield "has several organizations: each needs a level of its own."
    order = [list(Level).index(level) for level in levels if level is not None]
    if order != sorted(order):
        yield "has an organization before the one in which it lies."
    if len(places) > 1 and any(column.field is Field.LEVEL for column in form.columns):
        yield "has several organizations and a level: one of both says where the role is."
