"""A file's pieces read into staged rows: in a thread, so that the process goes on answering, and copied meanwhile."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from policy.delegation import authority_of
from policy.delegation.comparison import gives_all
from policy.facts import Level, Organization
from policy.files.format import Format
from policy.files.known import FileKnowledge, file_knowledge
from policy.files.reader import FileReader
from policy.files.rows import FileRefusedError, Item, OrganizationRef, Row, RowProblem, Severity
from policy.ids import RoleSlug
from policy.packs import Packs
from policy.reach import Place
from resolvers.uploads.odd_cells import judged_email, judged_phone
from resolvers.uploads.sender import Acting
from store.connection import Connection
from store.keys_of import email_key, name_key
from store.upload_pieces import Part, read_piece
from store.upload_rows import StagedRow, organizations_of, stage
from store.uploads import UploadRecord

MOST_PROBLEMS: Final = 10_000
"""Problems that a report lists; a file with more is another kind of file."""
_LEA_ENDING: Final = "0000000"

Told = Callable[[int, int], None]
"""How much is done, of how much."""


@dataclass(slots=True)
class ReadFile:
    """What was read: the rows are staged, the problems are here, in the file's order."""

    staged: int = 0
    errors: int = 0
    warnings: int = 0
    problems: list[RowProblem] = field(default_factory=list[RowProblem])
    refused: FileRefusedError | None = None

    def take(self, problem: RowProblem) -> None:
        if problem.severity is Severity.ERROR:
            self.errors += 1
        else:
            self.warnings += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


async def knowledge(connection: Connection, upload: UploadRecord, who: Acting, packs: Packs) -> FileKnowledge | None:
    """What the reader is told of the program and year; None: there is no such pack."""
    pack = packs.at(upload.program, upload.school_year)
    if pack is None:
        return None
    earlier = [one for one in packs.all() if one.program == upload.program and one is not pack]

    def contains(one: RoleSlug, other: RoleSlug) -> bool:
        return gives_all(pack.roles[one], pack.roles[other], pack, packs)

    codes = _codes(await organizations_of(connection, who.leas), upload, who, packs)
    return replace(
        file_knowledge(pack, upload.school_year, earlier),
        code_in_reach=codes.__contains__,
        judge_email=judged_email,
        judge_phone=judged_phone,
        contains=contains,
    )


async def read_file(
    connection: Connection, upload: UploadRecord, formats: Mapping[str, Format], known: FileKnowledge, told: Told
) -> ReadFile:
    """Each piece is read while the rows of the one before are copied. A wrong file is compared with all `formats`."""
    found = ReadFile()
    work = _Reading(
        upload.id,
        FileReader(formats[upload.format], known, others=formats.values()),
        {role.slug: role.levels for role in known.roles.values()},
    )
    number, done = 0, 0
    rows: list[StagedRow] = []
    try:
        while (piece := await read_piece(connection, upload.id, Part.FILE, number)) is not None:
            reading = asyncio.create_task(asyncio.to_thread(work.feed, piece, found))
            await _copy(connection, rows, reading)
            rows, number, done = await reading, number + 1, done + len(piece)
            told(done, upload.size)
        last = await asyncio.to_thread(work.end, found)
        await _copy(connection, rows, None)
        await _copy(connection, last, None)
    except FileRefusedError as refused:
        found.refused = refused
    return found


async def _copy(
    connection: Connection, rows: Sequence[StagedRow], beside: "asyncio.Task[list[StagedRow]] | None"
) -> None:
    """Copy; what runs beside is ended too when that fails."""
    try:
        if rows:
            await stage(connection, rows)
    except BaseException:
        if beside is not None:
            beside.cancel()
        raise


class _Reading:
    """The reader and what becomes of its items; called from one thread at a time."""

    def __init__(self, upload: UUID, reader: FileReader, levels: dict[RoleSlug, frozenset[Level]]) -> None:
        self._upload = upload
        self._reader = reader
        self._levels = levels

    def feed(self, piece: bytes, found: ReadFile) -> list[StagedRow]:
        return self._rows(self._reader.feed(piece), found)

    def end(self, found: ReadFile) -> list[StagedRow]:
        return self._rows(self._reader.end(), found)

    def _rows(self, items: Sequence[Item], found: ReadFile) -> list[StagedRow]:
        rows: list[StagedRow] = []
        for item in items:
            if isinstance(item, Row):
                rows.append(self._staged(item))
            else:
                found.take(item)
        found.staged += len(rows)
        return rows

    def _staged(self, row: Row) -> StagedRow:
        where = row.organizations[-1]
        return StagedRow(
            self._upload, row.number, row.action, row.email, email_key(row.email), row.first_name, row.last_name,
            name_key(row.last_name, row.first_name), row.phone or None, row.role,
            where.level or _level(where, self._levels[row.role]), where.code, _above(row),
        )  # fmt: skip


def _level(where: OrganizationRef, levels: frozenset[Level]) -> Level:
    """A role of one level says it; of several the code does, and the school is meant where its LEA has the same."""
    if len(levels) == 1:
        (only,) = levels
        return only
    return Level.LEA if where.code.endswith(_LEA_ENDING) and Level.LEA in levels else Level.SCHOOL


def _above(row: Row) -> str | None:
    if len(row.organizations) == 1:
        return None
    return next((one.code for one in row.organizations[:-1] if one.level is Level.LEA), None)


def _codes(organizations: Sequence[Organization], upload: UploadRecord, who: Acting, packs: Packs) -> frozenset[str]:
    """The codes of organizations in the sender's reach, which alone a remedy may show."""
    authority = authority_of(who.actor, packs)
    return frozenset(
        one.code
        for one in organizations
        if authority.reaches(Place(one.id, one.level, one.lea, upload.program, upload.school_year))
    )
