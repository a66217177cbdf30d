"""`hallpass users`: validate a file of people, apply it whole or not at all, write the list of users."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.commands.context import (
    REFUSED,
    USAGE,
    Json,
    opened_gateway,
    print_json,
    progress,
    refuse,
    run,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from gateway.asking_as import Voice
    from gateway.state import Gateway
    from gateway.uploads.by_command import FileGiven
    from store.connection import Connection
    from store.uploads import UploadRecord

users = typer.Typer(name="users", help="People and their roles, by file.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="File of people.", metavar="FILE", exists=True, dir_okay=False)]
Program = Annotated[str, typer.Option("--program", help="caaspp, elpac, isat, …", metavar="CODE")]
Year = Annotated[str, typer.Option("--year", help="School year, 2026-27; else the current one.", metavar="YEAR")]
FormatName = Annotated[str, typer.Option("--format", help="toms, art, tide-idaho-users, …", metavar="CODE")]
Operator = Annotated[str, typer.Option("--operator", help="Why; kept in the audit.", metavar="REASON")]
AsUser = Annotated[str, typer.Option("--as", help="Act as this person, by her rules.", metavar="USER")]
ReportFile = Annotated[Path | None, typer.Option("--report", help="Write the report here (CSV).", metavar="OUT")]


@users.command()
def validate(
    file: File,
    program: Program,
    format_: FormatName = "toms",
    year: Year = "",
    report: ReportFile = None,
    operator: Operator = "",
    as_user: AsUser = "",
    as_json: Json = False,
) -> None:
    """Say for every row what would happen, or what is wrong in it. Changes nobody."""
    _somebody(operator, as_user, as_json=as_json)
    given = _given(file, format_, program, year)
    found = run(_validate(given, report, operator.strip(), as_user.strip(), as_json=as_json), as_json=as_json)
    _show(found, applied=False, as_json=as_json)
    if found.state.value == "refused":
        raise typer.Exit(REFUSED)


@users.command()
def upload(
    file: File,
    program: Program,
    format_: FormatName = "toms",
    year: Year = "",
    report: ReportFile = None,
    accept: Annotated[bool, typer.Option("--accept", help="Apply the rest where rows are left out.")] = False,
    operator: Operator = "",
    as_user: AsUser = "",
    as_json: Json = False,
) -> None:
    """Validate a file and apply it in one transaction. The same file twice changes nothing."""
    _somebody(operator, as_user, as_json=as_json)
    given = _given(file, format_, program, year)
    work = _upload(given, report, operator.strip(), as_user.strip(), accept=accept, as_json=as_json)
    found = run(work, as_json=as_json)
    applied = found.state.value == "applied"
    _show(found, applied=applied, as_json=as_json)
    if not applied:
        raise typer.Exit(REFUSED)


@users.command()
def export(
    out: Annotated[Path, typer.Argument(help="Where to write the list (CSV).", metavar="OUT")],
    program: Program,
    year: Year = "",
    lea: Annotated[str, typer.Option("--lea", help="Code of an LEA; else all within reach.", metavar="CODE")] = "",
    operator: Operator = "",
    as_user: AsUser = "",
    as_json: Json = False,
) -> None:
    """Write the users of a program and year: the first six columns are those of a TOMS file, to be sent again."""
    from gateway.uploads.exporting import ListAsked

    _somebody(operator, as_user, as_json=as_json)
    asked = ListAsked(out, program, year, lea or None)
    lines = run(_export(asked, operator.strip(), as_user.strip()), as_json=as_json)
    if as_json:
        print_json({"ok": True, "lines": lines, "file": str(out)})
    else:
        typer.echo(f"{lines:,} lines in {out}.")


async def _validate(
    given: "FileGiven", report: Path | None, reason: str, as_user: str, *, as_json: bool
) -> "UploadRecord":
    from gateway.uploads.by_command import carry_on
    from policy.upload_kinds import UploadState

    async with opened_gateway() as gateway:
        voice, found = await _validated(gateway, given, report, reason, as_user, as_json=as_json)
        await carry_on(gateway, voice, found.id, UploadState.CANCELLED, lambda _what, _done, _total: None)
        return found


async def _upload(
    given: "FileGiven", report: Path | None, reason: str, as_user: str, *, accept: bool, as_json: bool
) -> "UploadRecord":
    from gateway.uploads.by_command import carry_on
    from policy.upload_kinds import UploadState

    async with opened_gateway() as gateway:
        voice, found = await _validated(gateway, given, report, reason, as_user, as_json=as_json)
        left_out = found.counts.get("refused", 0) + found.counts.get("error", 0)
        if found.state is not UploadState.VALIDATED or (left_out and not accept):
            if found.state is UploadState.VALIDATED:
                typer.echo("Rows would be left out; add --accept to apply the rest.", err=True)
            await carry_on(gateway, voice, found.id, UploadState.CANCELLED, lambda _what, _done, _total: None)
            return found
        with progress(as_json=as_json) as bar:
            return await carry_on(gateway, voice, found.id, UploadState.APPLYING, _told(bar))


async def _validated(
    gateway: "Gateway", given: "FileGiven", report: Path | None, reason: str, as_user: str, *, as_json: bool
) -> "tuple[Voice, UploadRecord]":
    from gateway.uploads.by_command import carry_on, send_file
    from gateway.uploads.exporting import write_report
    from policy.upload_kinds import UploadState

    async with gateway.pool.acquire() as connection:
        voice = await _voice(gateway, connection, reason, as_user)
    with progress(as_json=as_json) as bar:
        told = _told(bar)
        upload_id = await send_file(gateway, voice, given, lambda done, total: told("Sending", done, total))
        found = await carry_on(gateway, voice, upload_id, UploadState.VALIDATING, told)
    if report is not None:
        await write_report(gateway, found.id, report)
    return voice, found


async def _export(asked: Any, reason: str, as_user: str) -> int:
    from gateway.uploads.exporting import write_list

    async with opened_gateway() as gateway:
        async with gateway.pool.acquire() as connection:
            voice = await _voice(gateway, connection, reason, as_user)
        return await write_list(gateway, voice, asked)


async def _voice(gateway: "Gateway", connection: "Connection", reason: str, as_user: str) -> "Voice":
    from gateway.asking_as import operator_voice, person_voice
    from schema.command_permissions import EXPORT_USERS, SEND_FILES

    if reason:
        return operator_voice(reason, (*SEND_FILES, *EXPORT_USERS))
    return await person_voice(gateway, connection, as_user)


def _told(bar: "Progress") -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def told(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total or None)
        bar.update(tasks[what], completed=done)

    return told


def _given(file: Path, format_: str, program: str, year: str) -> "FileGiven":
    from gateway.uploads.by_command import FileGiven
    from policy.ids import ProgramCode

    return FileGiven(file, format_, ProgramCode(program), year)


def _somebody(operator: str, as_user: str, *, as_json: bool) -> None:
    if bool(operator.strip()) == bool(as_user.strip()):
        refuse('Say who acts: --operator "reason" or --as USER, one of them.', as_json=as_json, code=USAGE)


def _show(found: "UploadRecord", *, applied: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "ok": found.state.value != "refused", "applied": applied, "upload": str(found.id),
                "state": found.state.value, "rows": found.row_count, "counts": dict(found.counts),
                "problems": list(found.problems), "notes": list(found.notes),
            }
        )  # fmt: skip
        return
    for outcome, rows in found.counts.items():
        typer.echo(f"{rows:>9,}  {outcome}")
    for one in found.problems:
        place = ", ".join(part for part in (f"row {one['row']}" if one["row"] else "", one["column"]) if part)
        typer.echo(
            f"{place}: {one['message']} {one['remedy']}" if place else f"{one['message']} {one['remedy']}", err=True
        )
    for note in found.notes:
        typer.echo(note, err=True)
    if applied:
        typer.echo("Applied." if set(found.counts) - {"unchanged"} else "Nothing to change: all is as the file says.")


def register(app: typer.Typer) -> None:
    app.add_typer(users)
