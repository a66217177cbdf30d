"""Files of student groups as rows: each group's cells are judged once, each student's number is hashed on arrival."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

from policy.files.addresses import email
from policy.files.careful import comparable, errors, full_row, where_and_what
from policy.files.cells import clean
from policy.files.codes import identifier
from policy.files.faults import Checked, Fault, problem
from policy.files.format import Column, Field, Format
from policy.files.headings import Layout
from policy.files.key_table import KeyTable
from policy.files.known import FileKnowledge
from policy.files.names import group_name
from policy.files.place import SAYING, accepted
from policy.files.reader import FileLimits, TableReader, pull
from policy.files.records import Record
from policy.files.repeats import where
from policy.files.rows import GroupItem, GroupRow, RowProblem

_MOST_REMEMBERED = 20_000


class GroupReader(TableReader[GroupRow]):
    """Reads one file of student groups; used as `reader.FileReader` is. `known.student_key` must be set."""

    def __init__(
        self,
        form: Format,
        known: FileKnowledge,
        limits: FileLimits | None = None,
        others: Iterable[Format] = (),
    ) -> None:
        """Raises ValueError without a `student_key`: no student's number is kept in the clear (§7)."""
        if known.student_key is None:
            raise ValueError("Files of student groups need a function that hashes students' numbers.")
        super().__init__(form, others, limits)
        self._known = known

    def make(self, placed: Layout) -> "GroupRows":
        return GroupRows(self._form, self._known, placed)


def read_groups(
    form: Format,
    known: FileKnowledge,
    chunks: Iterable[bytes],
    limits: FileLimits | None = None,
    others: Iterable[Format] = (),
) -> Iterator[GroupItem]:
    """All rows and problems of a file of groups, lazily. Raises FileRefusedError, also in the middle."""
    return pull(GroupReader(form, known, limits, others), chunks)


class GroupRows:
    """For one file: remembers the rows that differ in nothing but the student."""

    def __init__(self, form: Format, known: FileKnowledge, layout: Layout) -> None:
        self._form = form
        self._known = known
        self._layout = layout
        placed = list(zip(form.columns, layout.places, strict=True))
        self._student, self._student_at = next(one for one in placed if one[0].field is Field.STUDENT)
        self._columns = [(column, at) for column, at in placed if column is not self._student]
        self._groups: dict[Hashable, GroupRow] = {}
        self._repeats = KeyTable() if known.find_repeats else None

    def read(self, number: int, records: list[Record], into: list[GroupItem]) -> None:
        """The rows and problems of consecutive records, the first of which has that number."""
        for at, record in enumerate(records, number):
            if isinstance(record, RowProblem):
                into.append(replace(record, value=""))
            elif any(cell.strip() for cell in record):
                cells = full_row(self._layout, self._form, at, record)
                if isinstance(cells, RowProblem):
                    into.append(cells)
                else:
                    self._row(at, cells, into)

    def _row(self, number: int, cells: list[str], into: list[GroupItem]) -> None:
        key = tuple([cells[at] for _column, at in self._columns if at is not None])
        group = self._groups.get(key)
        if group is None:
            group, problems = self._group(number, cells)
            into.extend(problems)
            if group is not None and not problems:
                if len(self._groups) >= _MOST_REMEMBERED:
                    self._groups.clear()
                self._groups[key] = group
        student = self._number_of(cells)
        into.extend(problem(fault, number, self._student.heading, "") for fault in student.faults)
        if group is None or not student.good:
            return
        if not student.value and not group.login:
            into.append(self._nobody(number))
            return
        assert self._known.student_key is not None  # noqa: S101 - the reader has seen to it
        digest = self._known.student_key(student.value) if student.value else None
        row = group._replace(number=number, student=digest)
        repeated = self._repeated(row)
        into.append(repeated or row)

    def _number_of(self, cells: Sequence[str]) -> Checked:
        checked = clean(self._student, cells[self._student_at] if self._student_at is not None else "")
        return identifier(self._student, checked.value) if checked.good and checked.value else checked

    def _group(self, number: int, cells: Sequence[str]) -> tuple[GroupRow | None, list[RowProblem]]:
        """The row without its student."""
        problems: list[RowProblem] = []
        values: dict[Field, str] = {}
        saying: list[tuple[Column, str]] = []
        sites: list[tuple[Column, str]] = []
        for column, at in self._columns:
            cell = "" if at is None else cells[at]
            checked = clean(column, cell)
            if checked.good and checked.value:
                checked = self._checked(column, checked.value)
            problems += [problem(fault, number, column.heading, cell) for fault in checked.faults]
            if column.field is Field.ORGANIZATION:
                sites.append((column, checked.value if checked.good else ""))
            elif column.field in SAYING:
                saying.append((column, checked.value if checked.good else ""))
            else:
                values[column.field] = checked.value
        said, organizations, faults = where_and_what(self._form, self._known, saying, sites)
        problems += [problem(fault, number, column.heading, "") for column, fault in faults]
        if said is None or errors(problems):
            return None, problems
        group = GroupRow(
            number, said.action, organizations, values[Field.GROUP], said.school_year,
            values.get(Field.SUBJECT, ""), None, values.get(Field.EMAIL, ""),
        )  # fmt: skip
        return group, problems

    def _checked(self, column: Column, text: str) -> Checked:
        match column.field:
            case Field.GROUP:
                return group_name(text)
            case Field.EMAIL:
                return email(text, self._known.last_label_limit, self._known.judge_email)
            case Field.SUBJECT if column.accepted:
                meaning = accepted(column, text)
                return Checked(text, (meaning,)) if isinstance(meaning, Fault) else Checked(meaning)
            case _:
                return Checked(text)

    def _nobody(self, number: int) -> RowProblem:
        login = self._form.column(Field.EMAIL)
        names = " or ".join(column.heading for column in (self._student, login) if column)
        fault = Fault("missing", "files", "The row names neither a student nor a person.", f"Fill the {names}.")
        return problem(fault, number, "", "")

    def _repeated(self, row: GroupRow) -> RowProblem | None:
        if self._repeats is None:
            return None
        group = (where(row.organizations), row.group_name.casefold(), row.school_year, row.subject)
        first = self._repeats.first(hash((row.action, *group, row.student, comparable(row.login))), row.number)
        if not first:
            return None
        fault = Fault("repeated-row", "files", f"The row repeats row {first}.", "Remove one of them.", other_row=first)
        return problem(fault, row.number, "", "")
