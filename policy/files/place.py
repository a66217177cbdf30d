"""What the few-valued cells of a row mean together: action, role, organizations; found once for each combination."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from policy.facts import Level
from policy.files.codes import CDS_LENGTH, LEA_ENDING, code
from policy.files.faults import Fault, warning
from policy.files.format import CodeShape, Column, Field, Format, Subject
from policy.files.format_words import action_of, level_of
from policy.files.known import FileKnowledge, NamedRole
from policy.files.rows import Action, OrganizationRef, Severity
from policy.files.years import school_year
from policy.ids import RoleSlug
from policy.role_names import role_key

SAYING = frozenset({Field.ROLE, Field.LEVEL, Field.ACTION, Field.SCHOOL_YEAR})
"""Fields that say what is asked for; with the organizations they decide a row's place."""
PLACING = SAYING | {Field.ORGANIZATION}


class Said(NamedTuple):
    """What a row asks for, but where; `role` None: in files of groups."""

    action: Action
    role: NamedRole | None
    label: str
    """The role as the file writes it."""
    level: Level | None
    """From a column of its own."""
    school_year: str

    @property
    def slug(self) -> RoleSlug:
        return self.role.slug if self.role else RoleSlug("")


class Site(NamedTuple):
    """The organizations of a row, outermost first, and the columns that they stand in."""

    refs: tuple[OrganizationRef, ...]
    column: Column
    """Of the last one."""


class At(NamedTuple):
    """A fault in one of the columns that were given."""

    column: Column
    fault: Fault


Cleaned = Sequence[tuple[Column, str]]
"""Columns with their cleaned values."""


def said_by(form: Format, known: FileKnowledge, cells: Cleaned) -> tuple[Said | None, tuple[At, ...]]:
    """What the cells of the saying columns ask for; None with at least one error."""
    faults: list[At] = []
    action = _action(form, cells, faults)
    year = _year(cells, faults)
    role = _role(form, known, cells, year, faults)
    level = _level(cells, faults)
    if any(at.fault.severity is Severity.ERROR for at in faults) or (role is None and form.subject is Subject.USERS):
        return None, tuple(faults)
    label = next((text for column, text in cells if column.field is Field.ROLE), "")
    return Said(action, role, label, level, year), tuple(faults)


def site_of(form: Format, known: FileKnowledge, cells: Cleaned) -> tuple[Site | None, tuple[At, ...]]:
    """The organizations that the cells of their columns name; None with at least one error."""
    filled = [(column, text) for column, text in cells if text]
    faults = tuple(At(column, one) for column, text in filled for one in code(column, text, known.code_in_reach).faults)
    if faults:
        return None, faults
    if not filled:
        places = [column for column in form.columns if column.field is Field.ORGANIZATION]
        if any(column.required for column in places):  # its own column has said so
            return None, ()
        return None, (At(places[0], _nowhere(places)),)
    return Site(tuple(OrganizationRef(column.level, text) for column, text in filled), filled[-1][0]), ()


def placed(site: Site, said: Said) -> tuple[tuple[OrganizationRef, ...], Fault | None]:
    """The organizations, the last one at the level at which the role can be held there, or why it can't."""
    *above, last = site.refs
    last = OrganizationRef(last.level or said.level, last.code)
    if said.role is None:
        return (*above, last), None
    levels = frozenset({last.level}) if last.level else _possible(site.column, last.code)
    fitting = levels & said.role.levels
    if not fitting:
        held = " or ".join(_WORDS[level] for level in Level if level in said.role.levels)
        is_of = _WORDS[next(level for level in Level if level in levels)]
        message = f"“{said.role.label}” is held at {held}; “{last.code}” is the code of {is_of}."
        remedy = "Give the role at the right organization, or another role there."
        return site.refs, Fault("wrong-level", "S0-29", message, remedy)
    level = next(iter(fitting)) if len(fitting) == 1 else None
    return (*above, OrganizationRef(level, last.code)), None


def _action(form: Format, cells: Cleaned, faults: list[At]) -> Action:
    for column, text in cells:
        if column.field is Field.ACTION and text:
            meaning = _accepted(column, text, faults)
            return action_of(meaning) if meaning else form.writes
    return form.writes


def accepted(column: Column, text: str) -> str | Fault:
    """What one of the column's accepted words means."""
    for word, meaning in column.accepted:
        if word.casefold() == text.casefold():
            return meaning
    words = [word for word, _meaning in column.accepted]
    blank = "" if column.required else ", or leave the cell empty"
    return Fault(
        "not-accepted", "S0-43", f"“{text}” is no {column.heading}.", f"Write one of: {', '.join(words)}{blank}.",
        suggestion=next(iter(get_close_matches(text, words, 1)), ""),
    )  # fmt: skip


def _accepted(column: Column, text: str, faults: list[At]) -> str:
    meaning = accepted(column, text)
    if isinstance(meaning, str):
        return meaning
    faults.append(At(column, meaning))
    return ""


def _year(cells: Cleaned, faults: list[At]) -> str:
    for column, text in cells:
        if column.field is Field.SCHOOL_YEAR and text:
            found = school_year(text)
            if not found:
                bad = Fault("not-a-year", "files", f"“{text}” is no school year.", f"Write it like {column.example}.")
                faults.append(At(column, bad))
            return found
    return ""


def _role(form: Format, known: FileKnowledge, cells: Cleaned, year: str, faults: list[At]) -> NamedRole | None:
    for column, text in cells:
        if column.field is not Field.ROLE or not text:
            continue
        role = known.roles.get(role_key(text))
        if role is None:
            faults.append(At(column, _unknown(known, text)))
        else:
            faults.extend(At(column, note) for note in _notes(form, text, year))
        return role
    return None


def _unknown(known: FileKnowledge, text: str) -> Fault:
    labels = sorted({role.label for role in known.roles.values()})
    near = next(iter(get_close_matches(text, labels, 1, 0.7)), "")
    meant = f" Is “{near}” meant?" if near else ""
    ended = known.earlier_roles.get(role_key(text))
    if ended:
        said = f"“{text}” was a role until {ended} and isn't one of {known.school_year}.{meant}"
        return Fault("earlier-role", "files", said, f"Write one of: {', '.join(labels)}.", suggestion=near)
    said = f"“{text}” is no role of the program in {known.school_year}.{meant}"
    return Fault("unknown-role", "S0-43", said, f"Write one of: {', '.join(labels)}.", suggestion=near)


def _notes(form: Format, text: str, year: str) -> Iterator[Fault]:
    for changed in form.changed_labels:
        old = changed.last_year is None or (year and year <= changed.last_year)
        if old and role_key(changed.label) == role_key(text):
            yield warning("changed-role", "files", changed.note, "Check that this is the role you mean.")


def _nowhere(places: Sequence[Column]) -> Fault:
    names = " or ".join(column.heading for column in places)
    return Fault("missing", "S0-45", "The organization is missing.", f"Fill the {names}.")


def _level(cells: Cleaned, faults: list[At]) -> Level | None:
    for column, text in cells:
        if column.field is Field.LEVEL and text:
            meaning = _accepted(column, text, faults)
            found = level_of(meaning) if meaning else None
            if meaning and found is None:
                said = f"Roles at the level “{text}” aren't kept here."
                faults.append(
                    At(column, Fault("unknown-level", "files", said, "Give the role at a district or school."))
                )
            return found
    return None


_WORDS = {Level.STATE: "the state", Level.LEA: "a district", Level.SCHOOL: "a school"}


def _possible(column: Column, text: str) -> frozenset[Level]:
    """A district's own code tells itself; any other may be a school's or a direct-funded charter's."""
    if column.shape is CodeShape.CDS and len(text) == CDS_LENGTH and text.endswith(LEA_ENDING):
        return frozenset({Level.LEA})
    return frozenset({Level.LEA, Level.SCHOOL}) if column.shape is CodeShape.CDS else frozenset(Level)
