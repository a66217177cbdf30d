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

PLACING = frozenset({Field.ROLE, Field.ORGANIZATION, Field.LEVEL, Field.ACTION, Field.SCHOOL_YEAR})
"""Fields whose values decide a place."""


class Place(NamedTuple):
    """Action, role and organizations of a row; `role` is empty in files of groups."""

    action: Action
    role: RoleSlug
    role_label: str
    organizations: tuple[OrganizationRef, ...]
    school_year: str


class At(NamedTuple):
    """A fault in one of the columns that were given."""

    column: Column
    fault: Fault


def place_of(
    form: Format, known: FileKnowledge, cells: Sequence[tuple[Column, str]]
) -> tuple[Place | None, tuple[At, ...]]:
    """The place that cleaned cells of the placing columns mean; None with at least one error."""
    faults: list[At] = []
    action = _action(form, cells, faults)
    year = _year(cells, faults)
    role = _role(form, known, cells, year, faults)
    organizations = _organizations(form, known, cells, role, faults)
    found = any(at.fault.severity is Severity.ERROR for at in faults)
    if found or organizations is None or (role is None and form.subject is Subject.USERS):
        return None, tuple(faults)
    label = next((text for column, text in cells if column.field is Field.ROLE), "")
    place = Place(action, role.slug if role else RoleSlug(""), label, organizations, year)
    return place, tuple(faults)


def _action(form: Format, cells: Sequence[tuple[Column, str]], faults: list[At]) -> Action:
    for column, text in cells:
        if column.field is Field.ACTION and text:
            meaning = _accepted(column, text, faults)
            return action_of(meaning) if meaning else form.writes
    return form.writes


def _accepted(column: Column, text: str, faults: list[At]) -> str:
    meaning = next((meaning for word, meaning in column.accepted if word.casefold() == text.casefold()), "")
    if not meaning:
        words = ", ".join(word for word, _meaning in column.accepted)
        blank = "" if column.required else ", or leave the cell empty"
        fault = Fault(
            "not-accepted", "S0-43", f"“{text}” is no {column.heading}.", f"Write one of: {words}{blank}.",
            suggestion=next(iter(get_close_matches(text, [word for word, _meaning in column.accepted], 1)), ""),
        )  # fmt: skip
        faults.append(At(column, fault))
    return meaning


def _year(cells: Sequence[tuple[Column, str]], faults: list[At]) -> str:
    for column, text in cells:
        if column.field is Field.SCHOOL_YEAR and text:
            found = school_year(text)
            if not found:
                bad = Fault("not-a-year", "files", f"“{text}” is no school year.", f"Write it like {column.example}.")
                faults.append(At(column, bad))
            return found
    return ""


def _role(
    form: Format, known: FileKnowledge, cells: Sequence[tuple[Column, str]], year: str, faults: list[At]
) -> NamedRole | None:
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


def _organizations(
    form: Format,
    known: FileKnowledge,
    cells: Sequence[tuple[Column, str]],
    role: NamedRole | None,
    faults: list[At],
) -> tuple[OrganizationRef, ...] | None:
    level = _level(cells, faults)
    refs: list[OrganizationRef] = []
    last: Column | None = None
    for column, text in cells:
        if column.field is not Field.ORGANIZATION or not text:
            continue
        fault = code(column, text, known.code_in_reach).faults
        faults.extend(At(column, one) for one in fault)
        refs.append(OrganizationRef(column.level or level, text))
        last = column
    if last is None:
        places = [column for column in form.columns if column.field is Field.ORGANIZATION]
        if not any(column.required for column in places):  # else its own column has said so
            faults.append(At(places[0], _nowhere(places)))
        return None
    if role is None:
        return tuple(refs)
    placed, wrong = _placed(last, refs[-1], role)
    if wrong is not None:
        faults.append(At(last, wrong))
    return (*refs[:-1], placed)


def _nowhere(places: Sequence[Column]) -> Fault:
    names = " or ".join(column.heading for column in places)
    return Fault("missing", "S0-45", "The organization is missing.", f"Fill the {names}.")


def _level(cells: Sequence[tuple[Column, str]], faults: list[At]) -> Level | None:
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


def _placed(column: Column, ref: OrganizationRef, role: NamedRole) -> tuple[OrganizationRef, Fault | None]:
    """The organization with the level at which the role can be held there, or why it can't."""
    levels = frozenset({ref.level}) if ref.level else _possible(column, ref.code)
    fitting = levels & role.levels
    if not fitting:
        held = " or ".join(_WORDS[level] for level in Level if level in role.levels)
        said = f"“{role.label}” is held at {held}; “{ref.code}” is the code of {_WORDS[min(levels)]}."
        return ref, Fault(
            "wrong-level", "S0-29", said, "Give the role at the right organization, or another role there."
        )
    return OrganizationRef(next(iter(fitting)) if len(fitting) == 1 else None, ref.code), None


_WORDS = {Level.STATE: "the state", Level.LEA: "a district", Level.SCHOOL: "a school"}


def _possible(column: Column, text: str) -> frozenset[Level]:
    """A district's own code tells itself; any other may be a school's or a direct-funded charter's."""
    if column.shape is CodeShape.CDS and len(text) == CDS_LENGTH and text.endswith(LEA_ENDING):
        return frozenset({Level.LEA})
    return frozenset({Level.LEA, Level.SCHOOL}) if column.shape is CodeShape.CDS else frozenset(Level)
