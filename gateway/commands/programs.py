"""`hallpass programs`: check pack files without a database, or load one into it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.context import REFUSED, USAGE, Json, opened_pool, print_json, refuse, run

if TYPE_CHECKING:
    from policy.pack_problems import PackProblem
    from store.packs import Stored
    from store.shipped_packs import PackFile

programs = typer.Typer(name="programs", help="Program packs: roles, matrices and rules as data.", no_args_is_help=True)


@programs.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Pack files (TOML).", metavar="FILE…")], as_json: Json = False
) -> None:
    """Say what is wrong in pack files: file, key and fault, all at once. Changes nothing."""
    problems: list[PackProblem] = []
    for path in files:
        problems += _read(path, as_json=as_json)[1]
    if as_json:
        print_json({"ok": not problems, "files": [str(path) for path in files], "problems": _plain(problems)})
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
        typer.echo(_count(len(files), len(problems)), err=bool(problems))
    if problems:
        raise typer.Exit(REFUSED)


@programs.command()
def load(
    file: Annotated[Path, typer.Argument(help="Pack file (TOML).", metavar="FILE")],
    operator: Annotated[str, typer.Option("--operator", help="Why; kept in the audit.", metavar="REASON")],
    as_json: Json = False,
) -> None:
    """Check a pack file and load it in place of the same version; everybody's access follows it at once."""
    if not operator.strip():
        refuse("--operator needs a reason, which is kept in the audit.", as_json=as_json, code=USAGE)
    read, problems = _read(file, as_json=as_json)
    if read is None:
        if as_json:
            print_json({"ok": False, "problems": _plain(problems)})
            raise typer.Exit(REFUSED)
        refuse(*map(str, problems), "Nothing was loaded.")
    done = run(_store(read, operator.strip()), as_json=as_json)
    version = f"{read.pack.program} {read.pack.from_year or ''}".rstrip()
    if as_json:
        print_json({"ok": True, "pack": version, "done": done.value})
    else:
        typer.echo(f"{version}: {done.value}.")


def _read(path: Path, *, as_json: bool) -> "tuple[PackFile | None, Sequence[PackProblem]]":
    """The pack of a file, or its problems. A file that can't be read ends the command."""
    from policy.pack_problems import PackError
    from store.shipped_packs import pack_file

    try:
        return pack_file(path.read_text(encoding="utf-8-sig"), str(path)), ()
    except PackError as error:
        return None, error.problems
    except UnicodeDecodeError:
        refuse(f"{path}: is not UTF-8 text; save it as UTF-8.", as_json=as_json)
    except OSError as error:
        refuse(f"{path}: can't be read ({error.strerror}).", as_json=as_json, code=USAGE)


async def _store(file: "PackFile", reason: str) -> "Stored":
    from store.loading_packs import load_pack

    async with opened_pool() as pool, pool.acquire() as connection:
        return await load_pack(connection, file, reason)


def _plain(problems: "Sequence[PackProblem]") -> list[dict[str, str]]:
    return [{"file": one.file, "key": one.key, "text": one.text} for one in problems]


def _count(files: int, problems: int) -> str:
    named = "1 file" if files == 1 else f"{files} files"
    return f"{named}: {problems or 'no'} problem{'' if problems == 1 else 's'}."


def register(app: typer.Typer) -> None:
    app.add_typer(programs)
