"""From chunks of bytes to judged rows: pushed in by whoever has them, or pulled from an iterable."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from policy.files.encoding import SAVE_AS_UTF8, TextLines
from policy.files.format import Format
from policy.files.headings import Layout, layout
from policy.files.known import FileKnowledge
from policy.files.records import Record, Records
from policy.files.rows import FileRefusedError, Item, Row, RowProblem, Severity
from policy.files.users import UserRows

MEBIBYTE = 1024 * 1024
_PIECE = 64 * 1024

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a file may be at most."""

    size: int = 100 * MEBIBYTE
    """In bytes."""
    rows: int = 1_000_000
    """Without the header."""


class RowMaker(Protocol[Read]):
    """Makes rows of records once the header is known."""

    def read(self, number: int, records: list[Record], into: list[Read | RowProblem]) -> None: ...


class TableReader(ABC, Generic[Read]):
    """The part that is common to all files with a header: text, records, header, limits."""

    def __init__(self, form: Format, others: Iterable[Format], limits: FileLimits | None) -> None:
        self._form = form
        self._others = tuple(others)
        self._limits = limits or FileLimits()
        self._text = TextLines(self._limits.size)
        self._records = Records()
        self._maker: RowMaker[Read] | None = None
        self._header_row = 0
        self._any = False
        self._told_encoding = False

    def feed(self, chunk: bytes) -> list[Read | RowProblem]:
        """The rows and problems that this chunk completes. Raises FileRefusedError."""
        lines = self._text.feed(chunk)
        number = self._records.number
        return self._read(number, self._records.feed(lines))

    def end(self) -> list[Read | RowProblem]:
        """What was still open. Raises FileRefusedError, also for a file without rows."""
        lines = self._text.end()
        number = self._records.number
        found = self._read(number, self._records.end(lines))
        if self._maker is None:
            raise FileRefusedError("empty", "The file is empty.", "Download the template and fill it in.")
        if not self._any:
            raise FileRefusedError("no-rows", "The file has headings and no rows.", "Add the rows below the headings.")
        return found

    @abstractmethod
    def make(self, placed: Layout) -> RowMaker[Read]:
        """What reads the rows under this header."""

    def _read(self, number: int, records: list[Record]) -> list[Read | RowProblem]:
        into: list[Read | RowProblem] = []
        if self._maker is None:
            records, number = self._begin(number, records)
        if self._text.encoding == "windows-1252" and not self._told_encoding:
            self._told_encoding = True
            into.append(self._windows())
        if self._maker is None or not records:
            return into
        if number + len(records) - 1 - self._header_row > self._limits.rows:
            text = f"The file has more than {self._limits.rows:,} rows."
            raise FileRefusedError("too-many-rows", text, "Split it, and repeat the header in each part.")
        before = len(into)
        self._maker.read(number, records, into)
        self._any = self._any or len(into) > before
        return into

    def _begin(self, number: int, records: list[Record]) -> tuple[list[Record], int]:
        """Takes the first row that isn't empty for the header; the records behind it and their number are left."""
        for at, record in enumerate(records):
            if isinstance(record, RowProblem):
                raise FileRefusedError("stray-quote", record.message, record.remedy, row=record.row)
            if any(cell.strip() for cell in record):
                self._header_row = number + at
                self._maker = self.make(layout(self._form, record, self._others, row=self._header_row))
                return records[at + 1 :], number + at + 1
        return [], number

    def _windows(self) -> RowProblem:
        place = self._text.odd_place
        return RowProblem(
            None, "", place, "windows-1252", "files",
            f"The file isn't UTF-8. It is read as Windows-1252, as Excel for Windows writes it: “{place}” is in it.",
            f"If that is written wrongly: {SAVE_AS_UTF8[0].lower()}{SAVE_AS_UTF8[1:]}", Severity.WARNING,
        )  # fmt: skip


class FileReader(TableReader[Row]):
    """Reads one file of users. Feed the chunks in order, then call `end` once; each call gives what it finished.

    Warnings stand before the row that they are about. Memory: one chunk's rows, and where `find_repeats` is set up to
    300 bytes for each row of the file, 100 beyond 131,072 rows.
    """

    def __init__(
        self,
        form: Format,
        known: FileKnowledge,
        limits: FileLimits | None = None,
        others: Iterable[Format] = (),
    ) -> None:
        """`others`: the formats that a wrong file is compared with, to say what it is."""
        super().__init__(form, others, limits)
        self._known = known

    def make(self, placed: Layout) -> UserRows:
        return UserRows(self._form, self._known, placed)


def read(
    form: Format,
    known: FileKnowledge,
    chunks: Iterable[bytes],
    limits: FileLimits | None = None,
    others: Iterable[Format] = (),
) -> Iterator[Item]:
    """All rows and problems of a file of users, lazily. Raises FileRefusedError, also in the middle."""
    return pull(FileReader(form, known, limits, others), chunks)


def pull(reader: TableReader[Read], chunks: Iterable[bytes]) -> Iterator[Read | RowProblem]:
    """Feeds a reader from an iterable, in pieces that keep memory flat."""
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            yield from reader.feed(chunk[start : start + _PIECE])
    yield from reader.end()
