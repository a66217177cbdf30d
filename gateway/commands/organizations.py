"""`hallpass organizations`: look at a directory file's difference, or import it whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.commands.acting import As, Operator, acting, one_of_both
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

    from gateway.state import Gateway
    from policy.directory_known import Difference
    from policy.directory_rows import RowProblem
    from store.connection import Connection
    from store.directory import DirectoryRefusedError, Importer, Watcher

_SHOWN = 50
_ACTION = "importDirectory"

organizations = typer.Typer(
    name="organizations", help="The organization directory: LEAs, schools, superintendents.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(help="Directory file (CSV, UTF-8).", metavar="FILE")]


@organizations.command()
def validate(file: File, as_json: Json = False) -> None:
    """Show what a directory file would change, or what is wrong in it, row by row. Changes nothing."""
    data = _read(file, as_json=as_json)
    found = run(_validate(data), as_json=as_json)
    if not isinstance(found, tuple):
        _refused(found.problems, None, as_json=as_json)
    (difference,) = found
    if as_json:
        print_json({"ok": not difference.must_accept, "applied": False, **_plain(difference)})
    else:
        _show(difference)
        for sentence in difference.must_accept:
            typer.echo(f"{sentence} The import needs --accept.", err=True)
    if difference.must_accept:
        raise typer.Exit(REFUSED)


@organizations.command(name="import")
def import_file(
    file: File,
    accept: Annotated[bool, typer.Option("--accept", help="Apply also what closes or changes unusually much.")] = False,
    operator: Operator = "",
    as_user: As = "",
    as_json: Json = False,
) -> None:
    """Show the difference and apply it, whole or not at all. The same file twice changes nothing."""
    one_of_both(operator, as_user, as_json=as_json)
    data = _read(file, as_json=as_json)
    found = run(_import(data, operator.strip(), as_user.strip(), accept=accept, as_json=as_json), as_json=as_json)
    if not isinstance(found, tuple):
        _refused(found.problems, found.difference, as_json=as_json)
    (difference,) = found
    if as_json:
        print_json({"ok": True, "applied": bool(difference.changes), **_plain(difference)})
    else:
        typer.echo("Imported." if difference.changes else "Nothing to change: the directory is as the file says.")


async def _validate(data: bytes) -> "tuple[Difference] | DirectoryRefusedError":
    from store.directory import DirectoryRefusedError, compare_directory

    async with (
        opened_gateway() as gateway,
        gateway.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        try:
            return (await compare_directory(connection, data, gateway.packs.current),)
        except DirectoryRefusedError as refused:
            return refused


async def _import(
    data: bytes, reason: str, as_user: str, *, accept: bool, as_json: bool
) -> "tuple[Difference] | DirectoryRefusedError":
    from store.directory import DirectoryRefusedError, import_directory
    from store.directory_changes import Moment

    async with opened_gateway() as gateway, gateway.pool.acquire() as connection:
        by = await _importer(gateway, connection, reason, as_user)
        now = gateway.now()
        moment = Moment(now, now.astimezone(gateway.settings.time_zone).date(), gateway.new_id)
        with progress(as_json=as_json) as bar:
            watcher = _watcher(bar, as_json=as_json)
            try:
                async with connection.transaction():
                    found = await import_directory(
                        connection, data, gateway.packs.current, by, moment, accept=accept, watcher=watcher
                    )
            except DirectoryRefusedError as refused:
                return refused
    return (found,)


def _watcher(bar: "Progress", *, as_json: bool) -> "Watcher":
    from store.directory import Watcher

    tasks: dict[str, TaskID] = {}

    def announce(found: "Difference") -> None:
        if not as_json:
            _show(found)

    def advance(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done)

    return Watcher(announce, advance)


async def _importer(gateway: "Gateway", connection: "Connection", reason: str, as_user: str) -> "Importer":
    from schema.command_permissions import IMPORT_DIRECTORY
    from store.directory import Importer

    who = await acting(gateway, connection, reason, as_user, IMPORT_DIRECTORY, _ACTION, "import the directory")
    return Importer(who.actor, who.acting_under, who.operator_reason)


def _read(file: Path, *, as_json: bool) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        refuse(f"{file}: can't be read ({error.strerror}).", as_json=as_json, code=USAGE)


def _show(found: "Difference") -> None:
    for kind, count in found.counts.items():
        typer.echo(f"{count:>7}  {kind}")
    for one in found.changes[:_SHOWN]:
        values = f": {one.before or '–'} → {one.after or '–'}" if one.before or one.after else ""
        place = f"row {one.row}" if one.row else "not in the file"
        typer.echo(f"  {one.kind.value}: {one.level.value}:{one.code} {one.name} ({place}){values}")
    if len(found.changes) > _SHOWN:
        typer.echo(f"  … and {len(found.changes) - _SHOWN} more; --json shows all.")
    for note in found.notes:
        typer.echo(f"Note: {note}")


def _refused(problems: "tuple[RowProblem, ...]", found: "Difference | None", *, as_json: bool) -> NoReturn:
    """Print why the file is refused, and end with exit code 1."""
    if as_json:
        plain = [
            {"row": one.row, "column": one.column, "value": one.value, "message": one.message, "remedy": one.remedy}
            for one in problems
        ]
        difference = _plain(found) if found else {}
        print_json({"ok": False, "applied": False, "problems": plain, **difference})
        raise typer.Exit(REFUSED)
    if found is not None:
        _show(found)
        refuse(*(f"{one} Nothing was stored; add --accept to apply it." for one in found.must_accept))
    refuse(*map(str, problems), "Nothing was stored.")


def _plain(found: "Difference") -> dict[str, object]:
    return {
        "counts": found.counts,
        "changes": [
            {
                "kind": one.kind.value,
                "organization": f"{one.level.value}:{one.code}",
                "name": one.name,
                "row": one.row,
                "before": one.before,
                "after": one.after,
            }
            for one in found.changes
        ],
        "notes": found.notes,
        "must_accept": found.must_accept,
    }


def register(app: typer.Typer) -> None:
    app.add_typer(organizations)
