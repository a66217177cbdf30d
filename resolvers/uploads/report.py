"""The report of a file, row by row: what happens or what is wrong, as CSV with cells that compute nothing."""

import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from policy.files.export import safe_cell
from policy.files.format import Field, Format
from policy.files.rows import RowProblem, Severity
from policy.ids import RoleSlug
from policy.pack import Pack
from policy.upload_kinds import Judgement, Kind, Outcome
from store.upload_rows import FoundRow

HEADINGS: Final = (
    "Row", "Outcome", "E-mail", "Organization", "Before", "After",
    "Column", "Value", "Message", "Remedy", "Rule", "Code",
)  # fmt: skip
SHOWN: Final = 100
"""Problems that are shown with the upload itself; the report has all of them."""
_FIELDS: Final[Mapping[str, Field]] = {"user": Field.EMAIL, "role": Field.ROLE, "organization": Field.ORGANIZATION}
_OWN_DATA: Final[Mapping[str, str]] = {"firstName": "first name", "lastName": "last name", "phone": "telephone number"}
_NO_CELLS: Final = ("",) * 6


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of every row of a kind; `shows`: which cell of the row stands as its value."""

    outcome: str
    before: str
    after: str
    column: str
    shows: str
    rest: tuple[str, str, str, str]
    """Message, remedy, rule, code."""


class Report:
    """Lines of one file's report, made batch by batch; problems of the reader stand where their rows stood."""

    def __init__(
        self, format_: Format, pack: Pack, kinds: Mapping[int, tuple[Kind, Judgement]], problems: Sequence[RowProblem]
    ) -> None:
        self._told = {number: _told(kind, judgement, format_, pack) for number, (kind, judgement) in kinds.items()}
        self._problems = sorted(problems, key=lambda one: one.row or 0)
        self._next = 0
        self.shown: list[dict[str, Any]] = []

    def lines(self, rows: Iterable[FoundRow]) -> str:
        """The lines of the next rows, which follow those before in the file's order."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(self._cells(rows))
        return out.getvalue()

    def rest(self) -> str:
        """The lines of what stands behind the last good row."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(self._before(None))
        return out.getvalue()

    def _cells(self, rows: Iterable[FoundRow]) -> Iterator[tuple[object, ...]]:
        first = self._problems[self._next].row if self._next < len(self._problems) else None
        for row in rows:
            if first is not None and first <= row.row_number:
                yield from self._before(row.row_number)
                first = self._problems[self._next].row if self._next < len(self._problems) else None
            told = self._told[row.kind]
            if told.shows:
                yield self._refused(row, told)
            elif row.differs:
                message = _differs(row.differs)
                yield (
                    row.row_number, told.outcome, safe_cell(row.email), row.code, told.before, told.after, "", "",
                    message, "", "accounts-3", "DIFFERS",
                )  # fmt: skip
            else:
                yield (
                    row.row_number, told.outcome, safe_cell(row.email), row.code, told.before, told.after, *_NO_CELLS,
                )  # fmt: skip

    def _refused(self, row: FoundRow, told: _Told) -> tuple[object, ...]:
        value = {"user": row.email, "organization": row.code}.get(told.shows, told.after)
        if len(self.shown) < SHOWN:
            message, remedy, rule, code = told.rest
            self.shown.append(
                _shown(row.row_number, told.column, value, message=message, remedy=remedy, rule=rule, code=code)
            )
        return (
            row.row_number, told.outcome, safe_cell(row.email), row.code, told.before, told.after, told.column,
            safe_cell(value), *told.rest,
        )  # fmt: skip

    def _before(self, row: int | None) -> Iterator[tuple[object, ...]]:
        """The reader's problems up to that row; a warning stands before its row's own line."""
        while self._next < len(self._problems) and (row is None or (self._problems[self._next].row or 0) <= row):
            problem = self._problems[self._next]
            self._next += 1
            severity = "error" if problem.severity is Severity.ERROR else "warning"
            if problem.severity is Severity.ERROR and len(self.shown) < SHOWN:
                self.shown.append(
                    _shown(
                        problem.row, problem.column, problem.value, message=problem.message, remedy=problem.remedy,
                        rule=problem.rule, code=problem.code,
                    )
                )  # fmt: skip
            yield (
                problem.row or "", severity, "", "", "", "", problem.column, safe_cell(problem.value),
                safe_cell(problem.message), safe_cell(problem.remedy), problem.rule, problem.code,
            )  # fmt: skip


def head() -> str:
    return ",".join(HEADINGS) + "\r\n"


def packed(text: str) -> bytes:
    """A piece of the report as it is kept."""
    return zlib.compress(text.encode(), 1)


unpacked = partial(zlib.decompress)
"""A piece of the report as it is read, in UTF-8."""


def _told(kind: Kind, judgement: Judgement, format_: Format, pack: Pack) -> _Told:
    label = partial(_label, pack)
    before = "; ".join(label(one.role) for one in kind.held)
    after = before if judgement.outcome is Outcome.UNCHANGED else label(kind.role) if judgement.gives else ""
    refusal = judgement.refusal
    if refusal is None:
        return _Told(judgement.outcome.value, before, after, "", "", ("", "", "", ""))
    field = _FIELDS.get(refusal.field)
    column = format_.column(field) if field else None
    hidden = refusal.field == "organization"  # outside of one's reach nothing is told of what is stored there
    return _Told(
        judgement.outcome.value, "" if hidden else before, label(kind.role), column.heading if column else "",
        refusal.field, (refusal.message, refusal.remedy, refusal.rule, refusal.code),
    )  # fmt: skip


def _label(pack: Pack, slug: RoleSlug) -> str:
    role = pack.roles.get(slug)
    return role.label if role else slug


def _differs(fields: str) -> str:
    names = [_OWN_DATA[one] for one in fields.split()]
    verb = "stays as it is" if len(names) == 1 else "stay as they are"
    return f"The account has another {' and '.join(names)}, which {verb}: persons change their own data."


def _shown(
    row: int | None, column: str, value: str, *, message: str, remedy: str, rule: str, code: str
) -> dict[str, Any]:
    return {
        "row": row, "column": column, "value": value, "message": message, "remedy": remedy, "rule": rule, "code": code,
    }  # fmt: skip
