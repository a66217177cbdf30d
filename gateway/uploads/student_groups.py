"""`POST /uploads/student-groups`: a file of student groups, read as it arrives and kept nowhere (§7)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.caller_memory import Remembered
from gateway.csrf import FIELD, check_form_token, check_own_page
from gateway.graphql.asking import asking_of
from gateway.refusals import Kind, RefusedError
from gateway.remembered import read_caller
from gateway.state import gateway_of
from gateway.uploads.formats import group_formats
from gateway.uploads.multipart import FormWithFile
from policy.access import may_ever
from policy.caller import Anonymous, PersonCaller
from policy.files.format import Format
from policy.files.groups import GroupReader
from policy.files.known import FileKnowledge
from policy.files.reader import FileLimits
from policy.files.rows import FileRefusedError
from policy.ids import ProgramCode, SchoolYear
from resolvers import import_groups
from resolvers.asking import Asking
from resolvers.attempts import record_attempt
from resolvers.import_groups import ACTION, MOST_BYTES, MOST_ROWS, Gathering, ImportRow
from resolvers.refusals import Code
from schema.directives import any_of
from schema.mutations.groups import MANAGE
from schema.rules import SIGHT

PATH: Final = "/uploads/student-groups"
_BARE: Final = frozenset({"text/csv", "application/octet-stream"})
"""Types that no form of another site can send without being asked for."""
_FORM: Final = "multipart/form-data"
_USUAL: Final = "rdw-student-groups"


async def import_student_groups(request: Request) -> Response:
    """200 with what was done, or would be where `apply` isn't `true`; 422 with each error, and nothing is applied.

    Fields (or query): format (else rdw-student-groups), apply. In a person's own session only.
    """
    check_own_page(request)
    known = await manager(request)
    asking = asking_of(request, known)
    try:
        gathering = Gathering()
        apply = await _read(request, asking, gathering)
        done = await import_groups.carry_out(asking, gathering, any_of(MANAGE), SIGHT, apply=apply)
    finally:
        await asking.reads.close()
    return answer(done)


async def manager(request: Request) -> Remembered:
    """Somebody in her own session who manages student groups somewhere; the attempt of anybody else is recorded."""
    async with gateway_of(request).pool.acquire() as connection:
        known = await read_caller(request, connection)
    caller = known.caller
    if isinstance(caller, Anonymous):
        raise RefusedError(Kind.UNAUTHENTICATED, "Sign in first: files are sent in a session.")
    if isinstance(caller, PersonCaller) and caller.may_write and may_ever(caller, any_of(MANAGE)):
        return known
    asking = asking_of(request, known)
    try:
        await record_attempt(asking, ACTION, Code.FORBIDDEN)
    finally:
        await asking.reads.close()
    raise RefusedError(Kind.FORBIDDEN, "None of your roles allows sending files of student groups.")


async def _read(request: Request, asking: Asking, gathering: Gathering) -> bool:
    """Whether it is to be applied. What stops the reading is a problem of the file as any other."""
    reader: GroupReader | None = None
    form = _form(request)
    apply = False
    async for chunk in request.stream():
        data = chunk
        if form is not None:
            form.feed(chunk)
            if form.file_name is None:
                continue
            data = form.take()
        if reader is None:
            fields = _fields(request, form)
            reader, apply = _reader(fields, asking), fields.get("apply") == "true"
        try:
            gathering.take(reader.feed(data))
        except FileRefusedError as error:
            gathering.refuse(error)
            return False
    if form is not None:
        form.finish()
    try:
        gathering.take(reader.end() if reader is not None else ())
    except FileRefusedError as error:
        gathering.refuse(error)
    return apply


def _form(request: Request) -> FormWithFile | None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == _FORM:
        return FormWithFile(request.headers["content-type"])
    if media_type in _BARE:
        return None
    raise RefusedError(Kind.UNSUPPORTED_MEDIA_TYPE, f"Send the file as {_FORM}, or bare as text/csv.")


def _fields(request: Request, form: FormWithFile | None) -> Mapping[str, str]:
    if form is None:
        return dict(request.query_params)
    check_form_token(request, form.fields.get(FIELD))
    return form.fields


def _reader(fields: Mapping[str, str], asking: Asking) -> GroupReader:
    wanted: Format | None = group_formats().get(fields.get("format") or _USUAL)
    if wanted is None:
        raise RefusedError(Kind.BAD_USER_INPUT, f"There is no such format. There are {', '.join(group_formats())}.")
    known = FileKnowledge(ProgramCode(""), SchoolYear(""), {}, {}, student_key=asking.student_key)
    return GroupReader(wanted, known, FileLimits(MOST_BYTES, MOST_ROWS))


def answer(done: ImportRow) -> Response:
    body = {
        "applied": done.applied,
        "groups": [{**asdict(one), "id": str(one.id)} for one in done.groups],
        "errors": [asdict(one) for one in done.problems],
        "leftOut": [asdict(one) for one in done.left_out],
    }
    status = 422 if done.problems else 200
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, media_type="application/json")
