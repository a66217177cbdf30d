"""`GET /uploads/…`: the report of a file, the file itself again, and the formats with template and specification."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Final
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from gateway.observation import request_id_of
from gateway.refusals import Kind, RefusedError
from gateway.remembered import read_caller
from gateway.state import Gateway, gateway_of
from gateway.uploads.formats import user_formats
from policy.caller import Anonymous, PersonCaller
from policy.files.format import Format
from policy.files.known import file_knowledge
from policy.files.templates import specification_csv, template_csv
from policy.ids import ProgramCode, SchoolYear
from resolvers.references import read_id
from store.audit import AuditEvent, record
from store.upload_pieces import Part, read_piece
from store.uploads import UploadRecord, upload_by_id

_NOT_FOUND: Final = "There is no such upload, or it isn't yours."
_CSV: Final = "text/csv; charset=utf-8"


async def report(request: Request) -> Response:
    """One line for each row, as CSV in UTF-8; 404 before the file was validated, and for anybody else's."""
    found = await _own(request)
    if found.validated_at is None:
        raise RefusedError(Kind.NOT_FOUND, "The file isn't validated yet: there is no report.")
    pieces = _pieces(gateway_of(request), found.id, Part.REPORT, zlib.decompress)
    return _attachment(pieces, f"{found.file_name.removesuffix('.csv')}-report.csv", _CSV)


async def file(request: Request) -> Response:
    """The file as it came. It holds names and addresses: that it was had again is audited."""
    found = await _own(request)
    event = AuditEvent(
        "downloadUpload", "upload", str(found.id), actor=found.sender.user, request_id=request_id_of(request.scope)
    )
    async with gateway_of(request).pool.acquire() as connection:
        await record(connection, event)
    pieces = _pieces(gateway_of(request), found.id, Part.FILE, bytes)
    return _attachment(pieces, found.file_name, "application/octet-stream")


async def formats(request: Request) -> Response:
    """The formats that are taken, by code, with what can be downloaded of each."""
    del request
    listed = [
        {
            "code": one.code, "label": one.label, "programs": list(one.programs), "mode": one.mode.value,
            "template": f"/uploads/formats/{one.code}/template",
            "specification": f"/uploads/formats/{one.code}/specification",
        }
        for one in user_formats().values()
    ]  # fmt: skip
    return JSONResponse({"formats": listed})


async def template(request: Request) -> Response:
    """An empty file of the format (S0-43)."""
    found = _format(request)
    return _whole(template_csv(found), f"{found.code}-template.csv")


async def specification(request: Request) -> Response:
    """The format's columns: length, whether required, accepted values (S0-43). Query: program, schoolYear."""
    found, gateway = _format(request), gateway_of(request)
    async with gateway.pool.acquire() as connection:
        in_force = (await read_caller(request, connection)).in_force
    program = ProgramCode(request.query_params.get("program") or next(iter(found.programs), ""))
    year = request.query_params.get("schoolYear") or in_force.years.current.get(program)
    pack = in_force.packs.at(program, SchoolYear(year)) if year else None
    if pack is None or year is None or (found.programs and program not in found.programs):
        raise RefusedError(Kind.BAD_USER_INPUT, f"Name a program that takes {found.label}, and one of its years.")
    return _whole(specification_csv(found, file_knowledge(pack, SchoolYear(year))), f"{found.code}-specification.csv")


async def _own(request: Request) -> UploadRecord:
    id_ = read_id(request.path_params["id"])
    async with gateway_of(request).pool.acquire() as connection:
        caller = (await read_caller(request, connection)).caller
        found = await upload_by_id(connection, id_) if id_ else None
    if isinstance(caller, Anonymous):
        raise RefusedError(Kind.UNAUTHENTICATED, "Sign in first.")
    person = caller if isinstance(caller, PersonCaller) and caller.systems is None else None
    if found is None or person is None or not found.sender.is_shown_in(person.user, person.lea):
        raise RefusedError(Kind.NOT_FOUND, _NOT_FOUND)
    return found


def _format(request: Request) -> Format:
    found = user_formats().get(request.path_params["code"])
    if found is None:
        raise RefusedError(Kind.NOT_FOUND, f"There is no such format. There are {', '.join(user_formats())}.")
    return found


async def _pieces(gateway: Gateway, upload: UUID, part: Part, read: Callable[[bytes], bytes]) -> AsyncIterator[bytes]:
    """A connection is held for each piece, not for as long as a slow reader takes."""
    number, piece = 0, b""
    while piece is not None:
        async with gateway.pool.acquire() as connection:
            piece = await read_piece(connection, upload, part, number)
        if piece is not None:
            yield read(piece)
        number += 1


def _attachment(pieces: AsyncIterator[bytes], name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return StreamingResponse(pieces, headers=headers, media_type=media_type)


def _whole(text: str, name: str) -> Response:
    return Response(text, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=_CSV)
