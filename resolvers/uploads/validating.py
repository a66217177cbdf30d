"""Validates a file: reads it, says for every row what will happen or what is wrong, and changes nobody."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from policy.files.export import csv_line
from policy.files.format import Format, Mode
from policy.files.rows import FileRefusedError
from policy.upload_kinds import Outcome
from resolvers.uploads.judging import Plan, judged_plan
from resolvers.uploads.place import Told, Workplace
from resolvers.uploads.reading import ReadFile, knowledge, read_file
from resolvers.uploads.report import Report, head, packed
from resolvers.uploads.sender import acting
from store.connection import Connection
from store.upload_pieces import Part, add_piece, delete_pieces
from store.upload_rows import FoundRow, forget_rows, found_rows, seen_until
from store.uploads import Found, UploadRecord, UploadState, write_found

_NO_ACCESS = FileRefusedError(
    "no-access", "Your role doesn't give roles any more.", "Sign in again and see which roles you hold."
)
_NO_YEAR = FileRefusedError(
    "year-not-open", "That school year of the program is neither current nor the open upcoming one.",
    "Send the file for one of these years.", rule="S1-12",
)  # fmt: skip
_NO_FORMAT = FileRefusedError(
    "unknown-format", "Files of this kind aren't known here any more.", "Send the file in a format that is offered."
)


async def validate(connection: Connection, upload: UploadRecord, at: Workplace, told: Told) -> Found:
    """Inside the transaction that holds the file; its new state is written with what was found."""
    await forget_rows(connection, upload.id)
    await delete_pieces(connection, upload.id, Part.REPORT)
    as_of = await seen_until(connection)  # first: whatever is newer than it was perhaps not seen
    found = replace(await _found(connection, upload, at, told), as_of=as_of)
    await write_found(connection, upload.id, found, at.now)
    return found


async def _found(connection: Connection, upload: UploadRecord, at: Workplace, told: Told) -> Found:
    format_, pack = at.formats.get(upload.format), at.packs.at(upload.program, upload.school_year)
    who = await acting(connection, upload, at.packs, at.years, at.today, at.permissions)
    if who is None:
        return await _refused(connection, upload, _NO_ACCESS)
    if format_ is None:
        return await _refused(connection, upload, _NO_FORMAT)
    open_years = (at.years.current.get(upload.program), at.years.upcoming.get(upload.program))
    known = await knowledge(connection, upload, who, at.packs)
    if pack is None or known is None or upload.school_year not in open_years:
        return await _refused(connection, upload, _NO_YEAR)
    read = await read_file(connection, upload, at.formats, known, lambda done, total: told("Reading", done, total))
    if read.refused is not None:
        return await _refused(connection, upload, read.refused)
    told("Comparing", 0, read.staged)
    plan = await judged_plan(connection, upload, who, at)
    report = Report(format_, pack, plan.kinds, read.problems)
    await _write_report(connection, upload, report, plan.rows, told)
    return _result(plan, read, format_, report, upload.notes)


async def _write_report(connection: Connection, upload: UploadRecord, report: Report, rows: int, told: Told) -> None:
    """Each batch is written down while the next lines are made."""
    await add_piece(connection, upload.id, Part.REPORT, 0, packed(head()))
    number, done = 1, 0
    async for batch in found_rows(connection, upload.id):
        piece = await asyncio.to_thread(_lines, report, batch)
        await add_piece(connection, upload.id, Part.REPORT, number, piece)
        number, done = number + 1, done + len(batch)
        told("Writing the report", done, rows)
    await add_piece(connection, upload.id, Part.REPORT, number, packed(report.rest()))


def _lines(report: Report, batch: Sequence[FoundRow]) -> bytes:
    return packed(report.lines(batch))


def _result(plan: Plan, read: ReadFile, format_: Format, report: Report, notes: Sequence[str]) -> Found:
    counts = plan.counts
    left_out = read.errors + counts.get(Outcome.REFUSED, 0)
    counts |= {name: number for name, number in (("error", read.errors), ("warning", read.warnings)) if number}
    good = plan.rows - counts.get(Outcome.REFUSED, 0)
    whole = format_.mode is Mode.WHOLE
    refused = (whole and left_out > 0) or good == 0
    said = list(notes)
    if left_out and whole:
        said.append(f"{left_out:,} rows can't be applied, so nothing of the file is (S0-41).")
    elif left_out:
        said.append(f"{left_out:,} rows can't be applied and are left out; {good:,} are applied.")
    if not plan.rows and not left_out:
        said.append("The file has no rows.")
    state = UploadState.REFUSED if refused else UploadState.VALIDATED
    return Found(state, plan.rows + read.errors, counts, report.shown, None if refused else plan.digest, said)


async def _refused(connection: Connection, upload: UploadRecord, why: FileRefusedError) -> Found:
    """Nothing of the file counts: the report has one line."""
    problem = {
        "row": why.row, "column": "", "value": "", "message": why.message, "remedy": why.remedy, "rule": why.rule,
        "code": why.code,
    }  # fmt: skip
    cells = (str(why.row or ""), "error", "", "", "", "", "", "", why.message, why.remedy, why.rule, why.code)
    await add_piece(connection, upload.id, Part.REPORT, 0, packed(head() + csv_line(cells)))
    return Found(UploadState.REFUSED, 0, {"error": 1}, [problem], None, upload.notes)
