"""What a file format is: its columns with their specification, and how its rows are meant. Data, never code."""

from dataclasses import dataclass
from enum import StrEnum

from policy.facts import Level
from policy.files.rows import Action
from policy.ids import ProgramCode, SchoolYear


class Mode(StrEnum):
    """What an error in one row means for the others."""

    WHOLE = "whole"
    """Nothing of the file is applied (S0-41)."""
    ROW_WISE = "row-wise"
    """Rows with errors are left out, and the report says so before the rest is applied."""


class Subject(StrEnum):
    """What the rows are about."""

    USERS = "users"
    GROUPS = "groups"


class Field(StrEnum):
    """What a column says. Any field may stand once, but `organization` (once per level) and `ignored`."""

    FIRST_NAME = "first-name"
    LAST_NAME = "last-name"
    EMAIL = "email"
    PHONE = "phone"
    ROLE = "role"
    ORGANIZATION = "organization"
    LEVEL = "level"
    STATE = "state"
    ACTION = "action"
    SCHOOL_YEAR = "school-year"
    STAFF_ID = "staff-id"
    GROUP = "group"
    SUBJECT = "subject"
    STUDENT = "student"
    IGNORED = "ignored"


class CodeShape(StrEnum):
    """How an organization's code is built."""

    CDS = "cds"
    """14 digits: county 2, district 5, school 7; a district's own code ends in 0000000."""
    TEXT = "text"
    """Letters, digits, hyphens, underscores and points."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its specification (S0-43)."""

    field: Field
    heading: str
    aliases: tuple[str, ...] = ()
    """Other headings that are read as this column; capitals, blanks, hyphens and underscores don't count."""
    required: bool = True
    max_length: int = 100
    accepted: tuple[tuple[str, str], ...] = ()
    """Accepted values, where they are few, with what each means; empty: any."""
    example: str = ""
    remarks: str = ""
    level: Level | None = None
    """Of an `organization`: whose code it is; None: the role decides, or the column `level`."""
    shape: CodeShape = CodeShape.TEXT
    lengths: tuple[int, ...] = ()
    """Of an `organization` or an identifier: exactly so many characters, the usual number first; empty: any."""
    pattern: str = ""
    """A regular expression for the whole value, in place of the field's usual check."""


@dataclass(frozen=True, slots=True)
class EarlierTemplate:
    """A template that is no longer taken: its headings, and until when they counted."""

    label: str
    last_year: SchoolYear | None
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedLabel:
    """A role's label that meant something else: rows of `last_year` and before get the note as a warning."""

    label: str
    last_year: SchoolYear | None
    """None: the label itself shows that the row is old."""
    note: str


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    code: str
    """`toms`, `art`, `tide-idaho-users`: unique among the formats."""
    label: str
    programs: tuple[ProgramCode, ...]
    """Programs that take it; empty: every one."""
    subject: Subject
    mode: Mode
    writes: Action
    """What a row means that isn't a deletion: `replace` or `add`."""
    columns: tuple[Column, ...]
    ordered: bool = True
    """Whether the columns must stand in this order; else they are found by heading."""
    further_columns: bool = False
    """Whether columns behind the last one are taken and not read (the export's, for one)."""
    earlier: tuple[EarlierTemplate, ...] = ()
    changed_labels: tuple[ChangedLabel, ...] = ()
    source: str = ""
    """Where its columns are documented."""

    def column(self, wanted: Field) -> Column | None:
        """The first column of that field."""
        return next((column for column in self.columns if column.field is wanted), None)
