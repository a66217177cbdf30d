"""`hallpass year`: open the next school year, rehearse closing the current one, close it or go on with that."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.acting import As, Operator, acting, one_of_both
from gateway.commands.context import CommandRefusedError, Json, opened_gateway, print_json, progress, run

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.state import Gateway
    from resolvers.year_steps import YearRefusedError
    from store.connection import Connection
    from store.year_closing import ClosedBy, Closing, Rehearsal

year = typer.Typer(name="year", help="School years: open, rehearse, close.", no_args_is_help=True)
Program = Annotated[str, typer.Argument(help="The program, such as caaspp.")]
Year = Annotated[str, typer.Argument(help="The school year, such as 2026-27.", metavar="YEAR")]

_LINES = (
    ("assignments", "assignments expire"),
    ("suspended", "of them are suspended"),
    ("people", "people hold them"),
    ("without_next", "of these people have no assignment in the next year"),
    ("inactive", "accounts become inactive"),
    ("carried", "roles from the directory go on in the next year"),
    ("ahead", "assignments of the next year stay"),
    ("other_programs", "assignments of other programs stay"),
    ("timeless", "roles that aren't tied to a year stay"),
)


@year.command(name="open")
def open_(
    program: Program, school_year: Year, operator: Operator = "", as_user: As = "", as_json: Json = False
) -> None:
    """Open the year after the current one, for which people can then be designated and assigned."""
    one_of_both(operator, as_user, as_json=as_json)
    status = run(_open(program, school_year, operator, as_user), as_json=as_json)
    if as_json:
        print_json({"ok": True, "program": program, "school_year": school_year, "status": status})
    else:
        typer.echo(f"{program} {school_year} is {status}.")


@year.command()
def rehearse(
    program: Program, school_year: Year, operator: Operator = "", as_user: As = "", as_json: Json = False
) -> None:
    """Count what closing the year would do. Changes nothing."""
    one_of_both(operator, as_user, as_json=as_json)
    found, confirmation = run(_rehearse(program, school_year, operator, as_user), as_json=as_json)
    if as_json:
        print_json({"ok": True, **asdict(found), "confirmation": confirmation})
        return
    counts = asdict(found)
    for name, words in _LINES:
        typer.echo(f"{counts[name]:>12,}  {words}")
    typer.echo(f"To close it: hallpass year close {program} {school_year} --confirm “{confirmation}”")


@year.command()
def close(
    program: Program,
    school_year: Year,
    confirm: Annotated[str, typer.Option("--confirm", help="`close PROGRAM YEAR`, typed.", metavar="TEXT")] = "",
    operator: Operator = "",
    as_user: As = "",
    as_json: Json = False,
) -> None:
    """Let the upcoming year take the place of this one. Cut off in the middle, the same command goes on."""
    one_of_both(operator, as_user, as_json=as_json)
    if not confirm and sys.stdin.isatty() and not as_json:
        confirm = typer.prompt(f"This can't be undone. Type: close {program} {school_year}\n")
    done = run(_close(program, school_year, confirm, operator, as_user, as_json=as_json), as_json=as_json)
    if as_json:
        print_json({"ok": True, **asdict(done)})
    else:
        typer.echo(
            f"{program} {school_year} is closed, {done.next_year} is current: {done.expired:,} assignments expired, "
            f"{done.inactivated:,} accounts became inactive, {done.carried:,} roles from the directory went on."
        )


async def _open(program: str, school_year: str, operator: str, as_user: str) -> str:
    from policy.ids import ProgramCode, SchoolYear
    from resolvers.year_steps import OPEN, YearRefusedError, open_year

    async with opened_gateway() as gateway, gateway.pool.acquire() as connection:
        by = await _by(gateway, connection, operator, as_user, OPEN)
        try:
            async with connection.transaction():
                return await open_year(
                    connection, gateway.packs.current, ProgramCode(program), SchoolYear(school_year), by, _nobody_else
                )
        except YearRefusedError as refused:
            raise _refused(refused) from refused


async def _rehearse(program: str, school_year: str, operator: str, as_user: str) -> "tuple[Rehearsal, str]":
    from policy.ids import ProgramCode, SchoolYear
    from policy.school_years import confirmation_of
    from resolvers.year_steps import REHEARSE, YearRefusedError, rehearse_close

    code, wanted = ProgramCode(program), SchoolYear(school_year)
    async with opened_gateway() as gateway, gateway.pool.acquire() as connection:
        await _by(gateway, connection, operator, as_user, REHEARSE)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                _, found = await rehearse_close(connection, gateway.packs.current, code, wanted)
        except YearRefusedError as refused:
            raise _refused(refused) from refused
    return found, confirmation_of(code, wanted)


async def _close(
    program: str, school_year: str, confirm: str, operator: str, as_user: str, *, as_json: bool
) -> "Closing":
    from policy.ids import ProgramCode, SchoolYear
    from resolvers.year_steps import CLOSE, YearRefusedError, close_year
    from store.year_closing import finish_closing

    code, wanted = ProgramCode(program), SchoolYear(school_year)
    async with opened_gateway() as gateway:
        async with gateway.pool.acquire() as connection:
            by = await _by(gateway, connection, operator, as_user, CLOSE)
            try:
                async with connection.transaction():
                    await close_year(connection, gateway.packs.current, code, wanted, confirm, by, _nobody_else)
            except YearRefusedError as refused:
                raise _refused(refused) from refused
        with progress(as_json=as_json) as bar:
            expiring = bar.add_task("Assignments", total=None)
            idle = bar.add_task("Accounts", total=None)

            def told(one: "Closing") -> None:
                bar.update(expiring, completed=one.expired, total=max(one.assignments, one.expired))
                bar.update(idle, completed=one.inactivated, total=None)

            return await finish_closing(gateway.pool, code, wanted, gateway.now, told)


async def _by(gateway: "Gateway", connection: "Connection", operator: str, as_user: str, action: str) -> "ClosedBy":
    from gateway.access_cache import today_of
    from schema.command_permissions import RUN_YEARS
    from store.year_closing import ClosedBy

    who = await acting(gateway, connection, operator, as_user, RUN_YEARS, action, "open or close school years")
    now: datetime = gateway.now()
    return ClosedBy(now, today_of(gateway.settings, now), who.actor, who.acting_under, who.operator_reason)


async def _nobody_else(connection: "Connection") -> None:
    """On the host nobody's session can end meanwhile; changes of access still wait for each other."""
    from store.access_version import hold_version

    await hold_version(connection)


def _refused(refused: "YearRefusedError") -> CommandRefusedError:
    return CommandRefusedError(f"{refused.refusal.message} {refused.refusal.remedy}")


def register(app: typer.Typer) -> None:
    app.add_typer(year)
