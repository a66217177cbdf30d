"""A report's rows written into a temporary file: as CSV or as a workbook, in constant memory."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import IO, Any, Final

from gateway.refusals import Kind, RefusedError
from policy.files.export import safe_cell
from resolvers.report_rows import Cells

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITTEN_AT_ONCE: Final = 2_000
_MOST_WORKBOOK_ROWS: Final = 1_048_575
"""A sheet's, its headings not counted."""
_WIDEST: Final = 40
_WORKBOOK: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class CsvFile:
    """UTF-8 with a byte order mark, by which spreadsheets know it; no cell can be taken for a formula."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - sent, and then closed, by the answer
        self._text = io.TextIOWrapper(self.file, encoding="utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._writer.writerow(columns)

    def write(self, rows: Sequence[Cells]) -> None:
        self._writer.writerows([safe_cell("" if cell is None else str(cell)) for cell in row] for row in rows)

    def finish(self) -> IO[bytes]:
        self._text.flush()
        self._text.detach()
        return self.file


class WorkbookFile:
    """One sheet; texts stay texts: codes keep their zeros, and nothing is calculated."""

    def __init__(self, columns: Sequence[str]) -> None:
        import xlsxwriter  # takes as long to import as a tenth of a start

        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - sent, and then closed, by the answer
        self._book: Any = xlsxwriter.Workbook(self.file, _WORKBOOK)  # the library carries no types
        self._sheet = self._book.add_worksheet()
        self._row = 0
        bold = self._book.add_format({"bold": True})
        for place, heading in enumerate(columns):
            self._sheet.set_column(place, place, min(_WIDEST, max(12, len(heading) + 2)))
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, columns, bold)

    def write(self, rows: Sequence[Cells]) -> None:
        """Raises RefusedError where a sheet can't hold them."""
        if self._row + len(rows) > _MOST_WORKBOOK_ROWS:
            text = f"A workbook holds {_MOST_WORKBOOK_ROWS:,} rows: ask for CSV, or for one organization or program."
            raise RefusedError(Kind.BAD_USER_INPUT, text)
        for row in rows:
            self._row += 1
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    self._sheet.write_number(self._row, place, cell)
                elif cell:
                    self._sheet.write_string(self._row, place, cell)

    def finish(self) -> IO[bytes]:
        self._book.close()
        return self.file


async def written(file: CsvFile | WorkbookFile, rows: AsyncIterator[Cells]) -> int:
    """Write all rows, in portions outside of the event loop; how many there were."""
    count, portion = 0, list[Cells]()
    async for row in rows:
        portion.append(row)
        if len(portion) == _WRITTEN_AT_ONCE:
            await asyncio.to_thread(file.write, portion)
            count, portion = count + len(portion), []
    await asyncio.to_thread(file.write, portion)
    return count + len(portion)
