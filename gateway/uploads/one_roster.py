"""`POST /uploads/one-roster` and `/uploads/one-roster/classes`: a OneRoster set as suggestions and student groups."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from tempfile import TemporaryFile
from typing import IO, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import FIELD, check_form_token
from gateway.graphql.asking import asking_of
from gateway.refusals import Kind, RefusedError
from gateway.uploads.archive import csv_files
from gateway.uploads.arriving import ARCHIVE, form_of, sender_of
from gateway.uploads.formats import suggesting
from gateway.uploads.multipart import FormWithFile
from gateway.uploads.student_groups import answer, manager
from policy.files.rows import FileRefusedError, RowProblem
from policy.ids import ProgramCode, SchoolYear
from policy.pack import Pack
from resolvers import import_groups
from resolvers.asking import Asking
from resolvers.import_groups import Gathering, Headings
from resolvers.suggestions import receiving
from resolvers.suggestions.reading import gather_classes, staff_of
from resolvers.suggestions.receiving import ACTION, SetTaken
from schema.directives import any_of
from schema.mutations.groups import MANAGE
from schema.rules import MANAGE_SUGGESTIONS, SIGHT

PATH: Final = "/uploads/one-roster"
CLASSES_PATH: Final = "/uploads/one-roster/classes"
_WRITTEN_AT_ONCE: Final = 1_048_576
_HEADINGS: Final = Headings("classes.csv", "classes.csv: schoolSourcedId", "users.csv: email")
_READING: Final = asyncio.Semaphore(1)
"""Sets are read one after the other: a process answers others meanwhile, and its memory is that of one."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A set that has arrived, with the fields that came along."""

    file: IO[bytes]
    fields: Mapping[str, str]


async def suggest_roles(request: Request) -> Response:
    """200 with what became of it; 422 where the set can't be read, and nothing is changed.

    Fields (or query): program, schoolYear (else the current one). In a person's own session only.
    """
    what = "sets of a student information system"
    known, _ = await sender_of(request, any_of(MANAGE_SUGGESTIONS), ACTION, what)
    asking = asking_of(request, known)
    try:
        async with _received(request) as sent:
            pack, year = _pack(asking, sent.fields)
            try:
                async with _READING:
                    found = await asyncio.to_thread(_read_staff, sent.file, asking, pack, year)
            except FileRefusedError as error:
                return _refused(error)
        taken = await receiving.carry_out(asking, pack.program, year, found, any_of(MANAGE_SUGGESTIONS))
    finally:
        await asking.reads.close()
    return _taken(taken)


async def import_classes(request: Request) -> Response:
    """As a file of student groups: 200 with what was done, or would be where `apply` isn't `true`.

    Fields (or query): program, schoolYear (else the current one), apply.
    """
    known = await manager(request)
    asking = asking_of(request, known)
    gathering = Gathering(_HEADINGS, lenient=True)
    try:
        async with _received(request) as sent:
            pack, year = _pack(asking, sent.fields)
            apply = sent.fields.get("apply") == "true"
            async with _READING:
                await asyncio.to_thread(_read_classes, sent.file, asking, pack, year, gathering)
        done = await import_groups.carry_out(asking, gathering, any_of(MANAGE), SIGHT, apply=apply)
    finally:
        await asking.reads.close()
    return answer(done)


def _read_staff(file: IO[bytes], asking: Asking, pack: Pack, year: SchoolYear) -> receiving.ReadSet:
    return staff_of(csv_files(file), pack, year, suggesting(pack.program), asking.clock.today)


def _read_classes(file: IO[bytes], asking: Asking, pack: Pack, year: SchoolYear, into: Gathering) -> None:
    try:
        files = csv_files(file)
    except FileRefusedError as error:
        into.refuse(error)
        return
    gather_classes(files, pack, year, asking.student_key, into)


@asynccontextmanager
async def _received(request: Request) -> AsyncGenerator[_Sent]:
    """The archive in a temporary file without a name, which is gone with the block, however that ends."""
    form = form_of(request, ARCHIVE, "set")
    with TemporaryFile(prefix="hallpass-set-") as file:
        await _write(request, file, form)
        if form is not None:
            form.finish()
        yield _Sent(file, dict(request.query_params) if form is None else form.fields)


async def _write(request: Request, file: IO[bytes], form: FormWithFile | None) -> None:
    """Raises RefusedError for more than any set may have; the form's token is checked before the first byte."""
    buffer, size, checked = bytearray(), 0, form is None
    async for chunk in request.stream():
        data = chunk
        if form is not None:
            form.feed(chunk)
            if form.file_name is None:
                continue
            if not checked:
                check_form_token(request, form.fields.get(FIELD))
                checked = True
            data = form.take()
        size += len(data)
        if size > receiving.MOST_BYTES:
            most = receiving.MOST_BYTES // 1_048_576
            raise RefusedError(Kind.TOO_LARGE, f"The set has more than {most} MB. Send it in parts.")
        buffer += data
        if len(buffer) >= _WRITTEN_AT_ONCE:
            await asyncio.to_thread(file.write, bytes(buffer))
            buffer.clear()
    await asyncio.to_thread(file.write, bytes(buffer))


def _pack(asking: Asking, fields: Mapping[str, str]) -> tuple[Pack, SchoolYear]:
    """Raises RefusedError for an unknown program, or a year that it isn't open for."""
    program = ProgramCode(fields.get("program", ""))
    year = SchoolYear(fields.get("schoolYear", "")) or asking.years.current.get(program)
    pack = asking.packs.at(program, year) if year else None
    if (
        pack is None
        or year is None
        or year not in (asking.years.current.get(program), asking.years.upcoming.get(program))
    ):
        text = "Name the program that the set is for, and its current or open upcoming school year."
        raise RefusedError(Kind.BAD_USER_INPUT, text)
    return pack, year


def _taken(done: SetTaken) -> Response:
    return _json(200, {"suggestions": asdict(done.counts), "leftOut": [_told(one) for one in done.problems]})


def _refused(error: FileRefusedError) -> Response:
    problem = {
        "row": error.row, "column": "", "code": error.code, "rule": error.rule, "message": error.message,
        "remedy": error.remedy,
    }  # fmt: skip
    return _json(422, {"suggestions": None, "errors": [problem]})


def _told(one: RowProblem) -> dict[str, object]:
    return {
        "row": one.row, "column": one.column, "code": one.code, "rule": one.rule, "message": one.message,
        "remedy": one.remedy,
    }  # fmt: skip


def _json(status: int, body: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, media_type="application/json")
