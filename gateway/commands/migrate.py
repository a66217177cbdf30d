"""`hallpass migrate`: bring the database of the settings to this version's revision."""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import typer

from gateway.commands.context import Json, print_json, run, settings

if TYPE_CHECKING:
    from migrations.apply import Migrated

_HELP = "Bring the database to this version's revision; make its roles and schema where they are missing."


def migrate_command(as_json: Json = False) -> None:
    """What there is to do is done under a lock; a second run does nothing."""
    done = run(_migrate(), as_json=as_json)
    if as_json:
        print_json({"ok": True, "before": done.before, "after": done.after})
    elif done.changed:
        typer.echo(f"The database went from revision {done.before or 'none'} to {done.after}.")
    else:
        typer.echo(f"The database is at revision {done.after} already.")


async def _migrate() -> "Migrated":
    from gateway.database import database_addresses
    from migrations.apply import migrate

    async with database_addresses(settings()) as addresses:
        return await migrate(addresses.owner_url or addresses.url, login_of(addresses.url))


def login_of(url: str) -> str | None:
    """The login that a database's address names; None: it names none, and the environment decides."""
    name = urlsplit(url).username
    return unquote(name) if name else None


def register(app: typer.Typer) -> None:
    app.command(name="migrate", help=_HELP)(migrate_command)
