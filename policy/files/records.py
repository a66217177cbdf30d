"""Lines as records of cells: the separator, quoted commas and line breaks, and quotation marks that don't close."""

import csv
from collections.abc import Iterator

from policy.files.rows import FileRefusedError, RowProblem

Record = list[str] | RowProblem
"""The cells of a record, or what is wrong with its quotation marks."""

SEPARATORS = (",", ";", "\t")
_LONGEST_RECORD = 131_072
_CLOSE = "Look for a quotation mark (\") that isn't closed; inside a quoted cell each one is written twice."


class Records:
    """Feed lines in order, then call `end`. `number` is the row number of the next record: the header is row 1.

    A record with line breaks in quoted cells is one row, as in a spreadsheet; so is an empty line.
    """

    def __init__(self) -> None:
        self.number = 1
        self.separator = ""
        self._open: list[str] = []
        """The lines of a record whose quotation mark hasn't closed yet."""

    def feed(self, lines: list[str]) -> list[Record]:
        return self._read(lines, last=False)

    def end(self, lines: list[str]) -> list[Record]:
        return self._read(lines, last=True)

    def _read(self, lines: list[str], *, last: bool) -> list[Record]:
        if not self.separator:
            first = next((line for line in lines if line.strip()), None)
            if first is None:
                self.number += len(lines)
                return []
            self.separator = _separator(first)
        if self._open:
            lines = self._open + lines
            self._open = []
        try:
            found: list[Record] = list(csv.reader(lines, delimiter=self.separator, strict=True))
        except csv.Error:
            found = list(self._carefully(lines, last=last))
        self.number += len(found)
        return found

    def _carefully(self, lines: list[str], *, last: bool) -> Iterator[Record]:
        """As the fast way, record by record: a fault of one line is a problem, one over several a refusal."""
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        number = self.number
        while True:
            start = reader.line_num
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._open = lines[start:] if "unexpected end" in str(error) else []
                over = reader.line_num - start
                if self._open and not last and sum(map(len, self._open)) <= _LONGEST_RECORD:
                    return
                if self._open or over > 1:
                    raise _unclosed(number) from None
                yield _stray(number, lines[start])
            number += 1


def _separator(line: str) -> str:
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _unclosed(number: int) -> FileRefusedError:
    text = f"A quotation mark in row {number} isn't closed, so the rows after it can't be told apart."
    return FileRefusedError("unbalanced-quotes", text, _CLOSE, row=number)


def _stray(number: int, line: str) -> RowProblem:
    text = "Behind a closing quotation mark stands something else than the next cell."
    return RowProblem(number, "", line.strip()[:80], "stray-quote", "files", text, _CLOSE)
