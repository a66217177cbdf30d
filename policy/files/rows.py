"""What a file of people or student groups says, row by row, and everything that can be wrong with one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policy.facts import Level
from policy.ids import RoleSlug


class Action(StrEnum):
    """What a row asks for."""

    REPLACE = "replace"
    """The role takes the place of whatever the person holds at that organization (S0-39)."""
    ADD = "add"
    """The role comes beside those that the person holds."""
    DELETE = "delete"
    """The role is taken away."""


class Severity(StrEnum):
    ERROR = "error"
    """The row counts as not there; in a format of the mode `whole`, nothing of the file does."""
    WARNING = "warning"
    """Worth a look; the row follows nevertheless."""


class OrganizationRef(NamedTuple):
    """An organization by its code. `level` None: the file can't say, and the code decides among the role's levels."""

    level: Level | None
    code: str


class Row(NamedTuple):
    """One person, role and organization of a file: cleaned, complete, and judged by the file alone.

    A tuple and no dataclass, because a file may have a million of them: making one takes a fifth of the time.
    """

    number: int
    """As a spreadsheet counts: the header is row 1."""
    action: Action
    email: str
    """As written, without surrounding blanks; capitals are kept."""
    first_name: str
    last_name: str
    phone: str
    """Empty where the format doesn't require one."""
    role: RoleSlug
    role_label: str
    """The cell as it stands."""
    organizations: tuple[OrganizationRef, ...]
    """Outermost first; the last one is where the role is held, those before it must lie above."""
    others: tuple[tuple[str, str], ...]
    """(field, value) of what else the format has, such as `staff-id`; values may be empty."""
    raw: tuple[str, ...]
    """The cells as they stand, for the report."""


class GroupRow(NamedTuple):
    """One membership of a student group, or with `student` None only who holds the group."""

    number: int
    action: Action
    organizations: tuple[OrganizationRef, ...]
    group_name: str
    school_year: str
    """`2026-27`; empty where the format has no such column."""
    subject: str
    """As the format writes it: `Math`, `ELA`, `All`; empty where the format has no such column."""
    student: bytes | None
    """What the caller's `student_key` made of the student's number; the number itself is kept nowhere (§7)."""
    login: str
    """The e-mail address of a person to whom the group is assigned; empty: none in this row."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong: where, the cell as it stands there, the fault, and what to do.

    `row` None: the whole file; `column` empty: the whole row. `value` is never a student's number.
    """

    row: int | None
    column: str
    """The heading of the column as the format writes it."""
    value: str
    code: str
    """For programs: `missing`, `lost-leading-zero`, `two-roles`, …; listed in docs/files.md."""
    rule: str
    """The rule's number, `S0-45`, or the section of the decisions, `files`."""
    message: str
    remedy: str
    severity: Severity = Severity.ERROR
    other_row: int | None = None
    """The earlier row that this one collides with."""
    suggestion: str = ""
    """What the cell should probably say, such as the padded code; empty: nothing is known."""

    def __str__(self) -> str:
        parts = (f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else "")
        place = ", ".join(part for part in parts if part)
        return f"{place}: {self.message} {self.remedy}" if place else f"{self.message} {self.remedy}"


class FileRefusedError(ValueError):
    """Nothing of the file can be read on: wrong kind, wrong template, broken text, too large.

    What was yielded before it doesn't count either. `row` is where reading stopped, if that is known.
    """

    def __init__(self, code: str, message: str, remedy: str, *, rule: str = "files", row: int | None = None) -> None:
        super().__init__(f"{message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.rule = rule
        self.row = row


Item = Row | RowProblem
GroupItem = GroupRow | RowProblem
