"""Writes the list of users as a file that can be sent again, and reports of files, line by line."""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from gateway.asking_as import Voice
from gateway.commands.context import CommandRefusedError
from gateway.state import Gateway
from gateway.uploads.formats import user_formats
from policy.access import row_filter
from policy.files.export import safe_cell
from policy.ids import ProgramCode, SchoolYear
from schema.directives import any_of
from schema.rules import SEE_ASSIGNMENT_DETAILS
from store.audit import AuditEvent, record
from store.people import load_years
from store.upload_pieces import Part, pieces
from store.user_list import listed_roles

_LIST_FORMAT: Final = "toms"
_FURTHER: Final = ("Organization", "Role Status", "Account Status")


@dataclass(frozen=True, slots=True)
class ListAsked:
    """`year` empty: the current one. `lea` None: all LEAs within reach."""

    path: Path
    program: str
    year: str
    lea: str | None


async def write_list(gateway: Gateway, voice: Voice, asked: ListAsked) -> int:
    """One line for each role that the asker may see; how many. Columns A–F are the format's, others stand behind."""
    program = ProgramCode(asked.program)
    async with gateway.pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        year = asked.year or (await load_years(connection)).current.get(program)
        pack = gateway.packs.current.at(program, SchoolYear(year)) if year else None
        if year is None or pack is None:
            raise CommandRefusedError(f"The program {program} isn't known, or has no current school year: give --year.")
        visible = row_filter(voice.caller, any_of(SEE_ASSIGNMENT_DETAILS)).visible
        lines = 0
        with asked.path.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow([*(column.heading for column in user_formats()[_LIST_FORMAT].columns), *_FURTHER])
            async for one in listed_roles(connection, program, SchoolYear(year), asked.lea):
                if not visible.contains(one.place):
                    continue
                role = pack.roles.get(one.role)
                cells = (
                    one.first_name, one.last_name, one.code, one.email, one.phone, role.label if role else one.role,
                    one.organization, one.status, one.user_status,
                )  # fmt: skip
                writer.writerow([safe_cell(cell) for cell in cells])
                lines += 1
        event = AuditEvent(
            "exportUsers", "program", program, actor=voice.person, operator_reason=voice.reason,
            after={"school_year": year, "lea": asked.lea, "lines": lines},
        )  # fmt: skip
        await record(connection, event)
    return lines


async def write_report(gateway: Gateway, upload: UUID, path: Path) -> None:
    async with gateway.pool.acquire() as connection:
        with path.open("wb") as out:
            async for piece in pieces(connection, upload, Part.REPORT):
                out.write(zlib.decompress(piece))
