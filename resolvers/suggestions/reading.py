"""What is read of a OneRoster set, in a thread: its staff with suggested roles, or its classes as student groups."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Final

from policy.files.known import FileKnowledge, file_knowledge
from policy.files.one_roster import Suggesting, Suggestion, organizations, read_staff
from policy.files.one_roster_groups import read_classes
from policy.files.one_roster_manifest import checked_set
from policy.files.one_roster_tables import Files
from policy.files.reader import MEBIBYTE, FileLimits
from policy.files.rows import FileRefusedError, RowProblem
from policy.ids import SchoolYear
from policy.pack import Pack
from policy.suggestions import proposed
from resolvers.import_groups import Gathering
from resolvers.suggestions.receiving import MOST, ReadSet
from resolvers.uploads.odd_cells import judged_email, judged_phone

_LIMITS: Final = FileLimits(512 * MEBIBYTE, 1_000_000)
_LIMITS_OF_CLASSES: Final = FileLimits(512 * MEBIBYTE, 500_000)
_MOST_TOLD: Final = 1_000
_STAFF: Final = ("orgs.csv", "users.csv", "roles.csv")
_CLASSES: Final = ("orgs.csv", "users.csv", "classes.csv", "enrollments.csv")
_IN_PARTS: Final = "Export the set for fewer schools at once."


def staff_of(files: Files, pack: Pack, school_year: SchoolYear, suggesting: Suggesting, today: date) -> ReadSet:
    """Raises FileRefusedError."""
    checked = checked_set(files, _STAFF)
    found: list[Suggestion] = []
    problems: list[RowProblem] = []
    for item in read_staff(checked, _knowledge(pack, school_year), suggesting, _LIMITS):
        if isinstance(item, Suggestion):
            found.append(item)
            if len(found) > MOST:
                raise FileRefusedError("too-many-rows", f"The set has more than {MOST:,} roles of staff.", _IN_PARTS)
        elif len(problems) < _MOST_TOLD:
            problems.append(item)
    places = frozenset(place.ref for place in organizations(checked, _LIMITS).values() if place.ref.code)
    return ReadSet(proposed(found, pack, today), places, problems)


def gather_classes(
    files: Files, pack: Pack, school_year: SchoolYear, student_key: Callable[[str], bytes], into: Gathering
) -> None:
    """What can't be read is a problem of the whole set; what of a row can't be used is left out of it."""
    known = replace(_knowledge(pack, school_year), student_key=student_key)
    try:
        into.take(read_classes(checked_set(files, _CLASSES), known, _LIMITS_OF_CLASSES))
    except FileRefusedError as error:
        into.refuse(error)


def _knowledge(pack: Pack, school_year: SchoolYear) -> FileKnowledge:
    return replace(file_knowledge(pack, school_year), judge_email=judged_email, judge_phone=judged_phone)
