"""What commands share: settings, database and resources opened for a command, and refusals as exit codes."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from gateway.settings import Settings
    from gateway.state import Gateway
    from store.database import Pool

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
T = TypeVar("T")


class CommandRefusedError(Exception):
    """The command did nothing; each of `problems` is a sentence for the person at the keyboard."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def run(
    work: Coroutine[Any, Any, T],
    *,
    as_json: bool = False,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> T:
    """Run a command's work to its end; what refuses it is printed; exit code 1, for settings 2."""
    from gateway.listening import ListenError
    from gateway.settings import SettingsError
    from store.database import DatabaseError
    from store.embedded import EmbeddedError

    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(work)
    except SettingsError as error:
        refuse(*error.problems, as_json=as_json, code=USAGE)
    except CommandRefusedError as error:
        refuse(*error.problems, as_json=as_json)
    except (DatabaseError, EmbeddedError, ListenError) as error:
        refuse(str(error), as_json=as_json)
    except KeyboardInterrupt:
        refuse("Interrupted; what was not finished was not kept.", as_json=as_json)


def refuse(*problems: str, as_json: bool = False, code: int = REFUSED) -> NoReturn:
    """Print the problems, for people on standard error, for machines as JSON on standard output, and exit."""
    if as_json:
        print_json({"ok": False, "problems": list(problems)})
    else:
        for problem in problems:
            typer.echo(problem, err=True)
    raise typer.Exit(code)


def print_json(value: object) -> None:
    """One JSON document on a line of standard output."""
    import orjson

    typer.echo(orjson.dumps(value, default=str).decode())


def settings() -> "Settings":
    """The settings of the environment, with logs turned to warnings: a command speaks by what it prints."""
    from gateway.logging import configure_logging
    from gateway.settings import load_settings

    loaded = load_settings()
    configure_logging("warning")
    return loaded


@asynccontextmanager
async def opened_pool() -> AsyncGenerator["Pool"]:
    """The database of the settings, migrated; the embedded server is started, or joined where a gateway runs it."""
    from gateway.database import open_database

    async with open_database(settings()) as database:
        yield database.pool


@asynccontextmanager
async def opened_gateway() -> AsyncGenerator["Gateway"]:
    """All resources of a gateway, for commands that act as one: packs, clock, keys."""
    from gateway.resources import open_resources

    async with open_resources(settings()) as gateway:
        yield gateway


def progress(*, as_json: bool = False) -> "Progress":
    """A progress bar on standard error with counts and time left; silent for machines and where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), disable=as_json or not sys.stderr.isatty())
