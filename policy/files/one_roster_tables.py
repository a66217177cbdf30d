"""The CSV files of a OneRoster set as tables read by heading, whatever the order of their columns (1.1 and 1.2)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from policy.files.encoding import TextLines
from policy.files.headings import MOST_COLUMNS
from policy.files.reader import FileLimits
from policy.files.records import Record, Records
from policy.files.rows import FileRefusedError, RowProblem

Files = Mapping[str, Callable[[], Iterable[bytes]]]
"""By file name, `users.csv`: how to read it from the beginning, in chunks."""

_PIECE = 64 * 1024
_REMEDY = "Export the set again as OneRoster 1.1 or 1.2 in bulk mode."
_IN_PARTS = "Export the set for fewer schools at once."


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its number, and its cells by heading without surrounding blanks; what is absent is empty."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, heading: str) -> str:
        return self.cells.get(heading, "")


def table(files: Files, name: str, needed: tuple[str, ...], limits: FileLimits) -> Iterator[Line | RowProblem]:
    """The rows of one file that aren't marked for deletion. Raises FileRefusedError, naming the file."""
    headings: list[str] | None = None
    try:
        for number, record in _records(files[name](), limits):
            if isinstance(record, RowProblem):
                yield of_file(name, record)
            elif not any(cell.strip() for cell in record):
                continue
            elif headings is None:
                headings = _headings(name, record, needed)
            elif len(record) != len(headings):
                message = f"The row has {len(record)} cells; the header has {len(headings)}."
                yield RowProblem(number, name, "", "wrong-width", "files", message, _REMEDY)
            else:
                cells = {heading: cell.strip() for heading, cell in zip(headings, record, strict=True)}
                if cells.get("status", "").lower() != "tobedeleted":
                    yield Line(number, cells)
    except FileRefusedError as refused:
        if refused.message.startswith(name):
            raise
        said = f"{name}: {refused.message}"
        raise FileRefusedError(refused.code, said, refused.remedy, rule=refused.rule, row=refused.row) from None
    if headings is None:
        raise FileRefusedError("empty", f"{name}: The file is empty.", _REMEDY)


def of_file(name: str, problem: RowProblem) -> RowProblem:
    """The problem, with the file in its column and no value: a set holds students as well."""
    return RowProblem(
        problem.row, f"{name}: {problem.column}", "", problem.code, problem.rule, problem.message, problem.remedy,
        problem.severity, problem.other_row,
    )  # fmt: skip


def _records(chunks: Iterable[bytes], limits: FileLimits) -> Iterator[tuple[int, Record]]:
    text, records = TextLines(limits.size), Records()
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            lines = text.feed(chunk[start : start + _PIECE])
            number = records.number
            yield from enumerate(records.feed(lines), number)
            if records.number > limits.rows + 2:
                raise FileRefusedError("too-many-rows", f"It has more than {limits.rows:,} rows.", _IN_PARTS)
    number = records.number
    yield from enumerate(records.end(text.end()), number)


def _headings(name: str, record: list[str], needed: tuple[str, ...]) -> list[str]:
    headings = [cell.strip() for cell in record]
    missing = [heading for heading in needed if heading not in headings]
    if missing:
        raise FileRefusedError("wrong-headings", f"{name} lacks the columns {', '.join(missing)}.", _REMEDY)
    if len(headings) > MOST_COLUMNS:
        raise FileRefusedError("too-many-columns", f"{name} has {len(headings)} columns.", _REMEDY)
    return headings
