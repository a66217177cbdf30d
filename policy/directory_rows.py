"""The organization directory as rows: what one says, what can be wrong with it, and the file's columns."""

from dataclasses import dataclass
from enum import StrEnum

from policy.facts import Level

COLUMNS = (
    "code",
    "name",
    "level",
    "parent",
    "funding",
    "superintendent_first_name",
    "superintendent_last_name",
    "superintendent_email",
    "active",
)
"""The header of a directory file, in this order."""


class Funding(StrEnum):
    """How a charter school is funded: a direct-funded one is an LEA of its own."""

    DIRECT = "direct"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Superintendent:
    """Who heads an LEA: its superintendent, or the administrator of a direct-funded charter."""

    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """`row` is its number in a spreadsheet: the header is row 1. `parent`: the code of the LEA, for a school."""

    row: int
    code: str
    name: str
    level: Level
    parent: str
    funding: Funding | None
    superintendent: Superintendent | None
    active: bool


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a file is refused: where, the value as it stands there, what is wrong, and what to do.

    `row` None: the whole file; `column` empty: the whole row.
    """

    row: int | None
    column: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else "")
            if part
        )  # fmt: skip
        return f"{place}: {self.message} {self.remedy}" if place else f"{self.message} {self.remedy}"


@dataclass(frozen=True, slots=True)
class DirectoryFile:
    """The rows that could be read, and everything that is wrong with the file."""

    rows: tuple[DirectoryRow, ...]
    problems: tuple[RowProblem, ...]
