"""`POST /uploads/student-groups`: a file of student groups, read as it arrives and kept nowhere (§7)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.caller_memory import Remembered
from gateway.csrf import FIELD, check_form_token
from gateway.graphql.asking import asking_of
from gateway.refusals import Kind, RefusedError
from gateway.uploads.arriving import TABLE, form_of, sender_of
from gateway.uploads.formats import group_formats
from gateway.uploads.multipart import FormWithFile
from policy.files.format import Format
from policy.files.groups import GroupReader
from policy.files.known import FileKnowledge
from policy.files.reader import FileLimits
from policy.files.rows import FileRefusedError
from policy.ids import ProgramCode, SchoolYear
from resolvers import import_groups
from resolvers.asking import Asking
from resolvers.import_groups import ACTION, MOST_BYTES, MOST_ROWS, Gathering, ImportRow
from schema.directives import any_of
from schema.mutations.groups import MANAGE
from schema.rules import SIGHT

PATH: Final = "/uploads/student-groups"
_USUAL: Final = "rdw-student-groups"


async def import_student_groups(request: Request) -> Response:
    """200 with what was done, or would be where `apply` isn't `true`; 422 with each error, and nothing is applied.

    Fields (or query): format (else rdw-student-groups), apply. In a person's own session only.
    """
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
    """Somebody in her own session who manages student groups somewhere."""
    known, _ = await sender_of(request, any_of(MANAGE), ACTION, "files of student groups")
    return known


async def _read(request: Request, asking: Asking, gathering: Gathering) -> bool:
    """Whether it is to be applied. What stops the reading is a problem of the file as any other."""
    reader: GroupReader | None = None
    form = form_of(request, TABLE, "file")
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
