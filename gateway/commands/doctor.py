"""`hallpass doctor`: says what is wrong with this deployment, and changes nothing."""

import stat
from typing import TYPE_CHECKING

import typer

from gateway.commands.context import REFUSED, Json, print_json, run, settings

if TYPE_CHECKING:
    from gateway.checks import Check, Finding
    from gateway.settings import Settings

_HELP = "Say what is wrong: settings, secret key, database, clock, roles, migrations, keys, mail, addresses."
_DATABASE_CHECKS = ("database", "clock", "migrations", "roles", "signing keys", "dead letters")


def doctor(as_json: Json = False) -> None:
    """Exit code 0 when everything is in order, 1 when not."""
    found = run(_examine(), as_json=as_json)
    healthy = all(finding.ok for finding in found)
    if as_json:
        checks = [{"name": one.name, "ok": one.ok, "problem": one.problem} for one in found]
        print_json({"ok": healthy, "checks": checks})
    else:
        for one in found:
            typer.echo(
                f"{'ok     ' if one.ok else 'PROBLEM'}  {one.name}" + (f": {one.problem}" if one.problem else "")
            )
    raise typer.Exit(0 if healthy else REFUSED)


async def _examine() -> "list[Finding]":
    from gateway.checks import Finding
    from gateway.issuer_check import issuer_problem
    from gateway.mail.check import mail_problem
    from gateway.settings import SettingsError

    try:
        current = settings()
    except SettingsError as error:
        return [Finding("settings", problem) for problem in error.problems]
    return [
        Finding("settings", None),
        Finding("secret key", secret_key_problem(current)),
        *await _database_findings(current),
        Finding("mail", await mail_problem(current)),
        Finding("issuer", await issuer_problem(current.issuer)),
    ]


def secret_key_problem(settings: "Settings") -> str | None:
    """Of the embedded mode's file: absent is well, for the first start makes it."""
    from gateway.secret_key import FILE_NAME, secret_key_of
    from gateway.settings import SettingsError

    path = settings.data_dir / FILE_NAME
    if settings.secret_key is not None or not path.exists():
        return None
    try:
        secret_key_of(settings)
    except SettingsError as error:
        return str(error)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return f"{path} can be read by others: run `chmod 600 {path}`."
    return None


async def _database_findings(settings: "Settings") -> "list[Finding]":
    from gateway import checks
    from gateway.database import database_addresses
    from gateway.resources import utc_now
    from store.database import open_pool
    from store.embedded import EmbeddedError

    if settings.embedded and not (settings.data_dir / "postgres").exists():
        missing = f"There is no database in {settings.data_dir} yet: `hallpass serve` makes it."
        return [checks.Finding(name, missing) for name in _DATABASE_CHECKS]
    try:
        async with database_addresses(settings) as addresses:
            pool = await open_pool(addresses.url, maximum=1, timeout=checks.LONGEST_CHECK)
            try:
                return await checks.findings(pool, _checks(settings), utc_now())
            finally:
                pool.terminate()
    except EmbeddedError as error:
        problem = str(error)
    except checks.CONNECTION_ERRORS as error:
        problem = checks.sentence_of(error)
    return [checks.Finding(name, problem) for name in _DATABASE_CHECKS]


def _checks(settings: "Settings") -> "tuple[tuple[str, Check], ...]":
    from gateway import checks
    from gateway.mail.check import no_dead_letters

    found = (
        checks.database_answers,
        checks.clocks_agree,
        checks.database_migrated,
        checks.role_is_weak,
        checks.keys_open_with(settings),
        no_dead_letters,
    )
    return tuple(zip(_DATABASE_CHECKS, found, strict=True))


def register(app: typer.Typer) -> None:
    app.command(help=_HELP)(doctor)
