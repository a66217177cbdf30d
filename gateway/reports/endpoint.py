"""`GET /reports/{name}.csv` and `.xlsx`: what a coordinator may see, as a file. That it was had is audited."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import IO, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from gateway.caller_memory import Remembered
from gateway.graphql.asking import asking_of
from gateway.observation import request_id_of
from gateway.refusals import Kind, RefusedError
from gateway.remembered import asked_by_caller
from gateway.reports.files import CSV, XLSX, CsvFile, WorkbookFile, written
from gateway.state import gateway_of
from gateway.uploads.formats import user_formats
from policy.access import may_ever
from policy.caller import Anonymous, PersonCaller
from policy.ids import OrganizationId, ProgramCode, SchoolYear
from resolvers.asking import Asking
from resolvers.refusals import Code
from resolvers.refusals import RefusedError as Refused
from resolvers.report_rows import USUAL_DAYS, Report, ReportAsked, reports
from schema.rules import REPORTING
from store.audit import AuditEvent, record
from store.marks import verify_mark

_LETTERS: Final = 6
"""The columns A–F of the upload."""
_FILES: Final = {"csv": (CsvFile, CSV), "xlsx": (WorkbookFile, XLSX)}
_CHUNK: Final = 256 * 1024


def routes() -> list[BaseRoute]:
    return [
        Route("/reports", listed, methods=["GET"]),
        Route("/reports/{file}", report, methods=["GET"]),
    ]


@cache
def known_reports() -> dict[str, Report]:
    headings = tuple(column.heading for column in user_formats()["toms"].columns[:_LETTERS])
    return dict(reports(headings))


async def listed(request: Request) -> Response:
    """The reports there are, with their columns."""
    del request
    shown = [{"name": one.name, "label": one.label, "columns": one.columns} for one in known_reports().values()]
    return JSONResponse({"reports": shown, "files": sorted(_FILES)})


async def report(request: Request) -> Response:
    """Query: organization (id), program, schoolYear (with program), days. 404 for no such report."""
    name, _, kind = request.path_params["file"].rpartition(".")
    found = known_reports().get(name)
    if found is None or kind not in _FILES:
        text = f"There is no such report. There are {', '.join(known_reports())}, as .csv and .xlsx."
        raise RefusedError(Kind.NOT_FOUND, text)
    asked = _asked(request)

    async def work(known: Remembered) -> IO[bytes]:
        return await _made(request, known, found, asked, kind)

    async with gateway_of(request).reporting:
        made = await asked_by_caller(request, work)
    today = _today(request)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{today}.{kind}"', "Cache-Control": "no-store"}
    return StreamingResponse(_chunks(made), headers=headers, media_type=_FILES[kind][1])


def _today(request: Request) -> str:
    gateway = gateway_of(request)
    return gateway.now().astimezone(gateway.settings.time_zone).date().isoformat()


async def _made(request: Request, known: Remembered, found: Report, asked: ReportAsked, kind: str) -> IO[bytes]:
    asking = asking_of(request, known)
    _refuse_others(asking)
    file = _FILES[kind][0](found.columns)
    try:
        async with (
            gateway_of(request).pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read"),
        ):
            await verify_mark(connection, known.mark)
            count = await written(file, found.rows(connection, asking, REPORTING, asked))
            await record(connection, _event(request, asking, found, asked, kind, count))
        made = await asyncio.to_thread(file.finish)
    except Refused as refused:
        file.file.close()
        kind_of = Kind.BAD_USER_INPUT if refused.code is Code.BAD_USER_INPUT else Kind.NOT_FOUND
        raise RefusedError(kind_of, refused.message) from refused
    except BaseException:
        file.file.close()
        raise
    return made


def _refuse_others(asking: Asking) -> None:
    caller = asking.caller
    if isinstance(caller, Anonymous):
        raise RefusedError(Kind.UNAUTHENTICATED, "Sign in first.")
    in_session = isinstance(caller, PersonCaller) and caller.systems is None
    if not in_session or not may_ever(caller, REPORTING.people):
        raise RefusedError(Kind.FORBIDDEN, "None of your roles shows people: there is no report for you.")


def _asked(request: Request) -> ReportAsked:
    query = request.query_params
    organization = None
    if "organization" in query:
        with suppress(ValueError):
            organization = OrganizationId(UUID(query["organization"]))
        if organization is None:
            raise RefusedError(Kind.BAD_USER_INPUT, "organization is an organization's id.")
    days = query.get("days", str(USUAL_DAYS))
    if not days.isascii() or not days.isdigit():
        raise RefusedError(Kind.BAD_USER_INPUT, "days is a number of days.")
    program, year = query.get("program"), query.get("schoolYear")
    if not f"{program}{year}".isprintable():
        raise RefusedError(Kind.BAD_USER_INPUT, "program is a program's code and schoolYear a year such as 2026-27.")
    return ReportAsked(
        organization, ProgramCode(program) if program else None, SchoolYear(year) if year else None, int(days[:6])
    )


def _event(
    request: Request, asking: Asking, found: Report, asked: ReportAsked, kind: str, count: int
) -> AuditEvent:  # fmt: skip
    caller = asking.caller
    active = caller.active if isinstance(caller, PersonCaller) else None
    return AuditEvent(
        "exportReport", "report", found.name,
        actor=caller.user if isinstance(caller, PersonCaller) else None,
        acting_under=f"{active.program}/{active.role}" if active else None,
        after={
            "organization": str(asked.organization) if asked.organization else None, "program": asked.program,
            "school_year": asked.school_year, "file": kind, "rows": count,
        },
        request_id=request_id_of(request.scope),
    )  # fmt: skip


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read in threads, by the framework; closed, and so gone, at the end."""
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
