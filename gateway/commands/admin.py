"""`hallpass admin`: what only the host's operator can do for people."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.context import CommandRefusedError, Json, opened_gateway, print_json, run

if TYPE_CHECKING:
    from gateway.signin.first_administrator import Invited

admin = typer.Typer(name="admin", help="The first state administrator.", no_args_is_help=True)


@admin.callback()
def group() -> None:
    """The first state administrator."""


@admin.command()
def invite(
    email: Annotated[str, typer.Argument(help="Whom to invite.")],
    first_name: Annotated[str, typer.Option(prompt="First name", help="The person's first name.")],
    last_name: Annotated[str, typer.Option(prompt="Last name", help="The person's last name.")],
    operator: Annotated[
        str, typer.Option("--operator", help="Why; kept in the audit.", metavar="REASON")
    ] = "the first state administrator",
    as_json: Json = False,
) -> None:
    """Invite the first state administrator and print the link, once. Refused while there is one."""
    invited = run(_invite(email, first_name, last_name, operator), as_json=as_json)
    if as_json:
        print_json({"ok": True, "email": invited.email, "link": invited.link})
    elif invited.link is None:
        typer.echo(f"{invited.email} is state administrator now and signs in as usual.")
    else:
        typer.echo(f"{invited.email} is invited. Pass this link on; it works once, within 30 days:")
        typer.echo(invited.link)


async def _invite(email: str, first_name: str, last_name: str, reason: str) -> "Invited":
    from gateway.signin.first_administrator import InvitationRefusedError, invite_first_administrator

    async with opened_gateway() as gateway:
        try:
            return await invite_first_administrator(gateway, email, first_name, last_name, reason)
        except InvitationRefusedError as error:
            raise CommandRefusedError(str(error)) from error


def register(app: typer.Typer) -> None:
    app.add_typer(admin)
