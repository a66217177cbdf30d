"""`POST /uploads`: a file of people comes in, as a form or as a bare body, and goes to the database as it arrives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.csrf import FIELD, check_form_token
from gateway.observation import request_id_of
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from gateway.uploads.arriving import TABLE, form_of, sender_of
from gateway.uploads.formats import user_formats
from gateway.uploads.multipart import FormWithFile
from policy.caller import PersonCaller
from policy.facts import Years
from policy.ids import ProgramCode, SchoolYear
from resolvers.uploads.receiving import IncomingFile, TooLargeError
from schema.directives import any_of
from schema.rules import SEND_FILES
from store.audit import AuditEvent
from store.uploads import NewUpload, Sender

ACTION: Final = "uploadFile"
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class _From:
    """Who sends, and the years that are open."""

    caller: PersonCaller
    years: Years


async def upload(request: Request) -> Response:
    """201 with the upload's id. Fields, or the query: format, program, schoolYear (else the current one)."""
    known, caller = await sender_of(request, any_of(SEND_FILES), ACTION, "files of people")
    sender = _From(caller, known.in_force.years)
    form = form_of(request, TABLE, "file")
    try:
        id_ = await _from_body(request, sender) if form is None else await _from_form(request, sender, form)
    except TooLargeError as error:
        raise RefusedError(Kind.TOO_LARGE, str(error)) from error
    body = {"id": str(id_), "state": "RECEIVED", "version": 2, "report": f"/uploads/{id_}/report"}
    return Response(
        orjson.dumps(body), 201, {"Location": f"/uploads/{id_}/report", "Cache-Control": "no-store"},
        media_type="application/json",
    )  # fmt: skip


async def _from_form(request: Request, sender: _From, form: FormWithFile) -> UUID:
    file: IncomingFile | None = None
    try:
        async for chunk in request.stream():
            form.feed(chunk)
            if form.file_name is not None:
                if file is None:
                    check_form_token(request, form.fields.get(FIELD))
                    file = _incoming(request, sender, form.fields, form.file_name)
                    await file.begin()
                await file.write(form.take())
        form.finish()
    except BaseException as error:
        await _abandon(file, error)
        raise
    if file is None:
        raise RefusedError(Kind.BAD_USER_INPUT, "The form has no file.")
    return await _finished(request, sender, file)


async def _from_body(request: Request, sender: _From) -> UUID:
    query = request.query_params
    file = _incoming(request, sender, query, query.get("name", ""))
    await file.begin()
    try:
        async for chunk in request.stream():
            await file.write(chunk)
    except BaseException as error:
        await _abandon(file, error)
        raise
    return await _finished(request, sender, file)


async def _finished(request: Request, sender: _From, file: IncomingFile) -> UUID:
    active = sender.caller.active
    event = AuditEvent(
        ACTION, "upload", str(file.id), actor=sender.caller.user,
        acting_under=f"{active.program}/{active.role}" if active else None,
        request_id=request_id_of(request.scope),
    )  # fmt: skip
    await file.finish(event)
    return file.id


async def _abandon(file: IncomingFile | None, error: BaseException) -> None:
    """What came in is gone; where the process itself is ended, it is purged later."""
    if file is not None and isinstance(error, RefusedError | TooLargeError | ClientDisconnect):
        await file.abandon()


def _incoming(request: Request, sender: _From, fields: Mapping[str, str], name: str) -> IncomingFile:
    """Raises RefusedError for an unknown format, a program that doesn't take it, or no current year."""
    format_ = user_formats().get(fields.get("format", ""))
    if format_ is None:
        known = ", ".join(user_formats())
        raise RefusedError(Kind.BAD_USER_INPUT, f"Name the file's format: one of {known}.")
    program = ProgramCode(fields.get("program", ""))
    current, upcoming = sender.years.current.get(program), sender.years.upcoming.get(program)
    if current is None or (format_.programs and program not in format_.programs):
        text = f"Name the program of the file, one that takes {format_.label} and has a current school year."
        raise RefusedError(Kind.BAD_USER_INPUT, text)
    year = fields.get("schoolYear", "") or current
    if year not in (current, upcoming):
        either = f"{current} or {upcoming}" if upcoming else current
        raise RefusedError(Kind.BAD_USER_INPUT, f"The school year of the file is {either}.")
    gateway, caller = gateway_of(request), sender.caller
    if caller.place is not None:
        text = "This tab is narrowed to one organization, but a file is judged by the whole role. Widen it first."
        raise RefusedError(Kind.BAD_USER_INPUT, text)
    new = NewUpload(
        gateway.new_id(), format_.code, program, SchoolYear(year), _plain(name),
        Sender(caller.user, caller.active, lea=caller.lea), gateway.now(), request_id_of(request.scope),
    )  # fmt: skip
    return IncomingFile(gateway.pool, new)


def _plain(name: str) -> str:
    """A file's name without its folders and without what no name has."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[:_LONGEST_NAME] or "people.csv"
