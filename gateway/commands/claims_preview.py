"""`hallpass clients preview`: what a relying party would be told of somebody, for the operator; never a token."""

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from gateway.commands.clients import ClientId, Operator, clients
from gateway.commands.context import CommandRefusedError, Json, opened_gateway, print_json, run

if TYPE_CHECKING:
    from resolvers.previews import Preview


@clients.command()
def preview(
    client_id: ClientId,
    person: Annotated[str, typer.Argument(help="The person's address or id.", metavar="EMAIL")],
    operator: Operator,
    role: Annotated[str | None, typer.Option(help="PROGRAM/ROLE/YEAR; without it, that of a new session.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What it would ask for; without it, all it may.")] = None,
    resource: Annotated[str | None, typer.Option(help="The audience; without it, that of its first system.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a relying party would be told of a person who came now, or why she would not get in."""
    asked = (client_id, person, role, tuple(scope) if scope else None, resource)
    found = run(_preview(asked, operator), as_json=as_json)
    if as_json:
        print_json({"ok": True, **_plain(found)})
        return
    if found.refusal is not None:
        typer.echo(f"She would not get in ({found.refusal.code}): {found.refusal.message} {found.refusal.remedy}")
        for role_text in found.roles:
            typer.echo(f"  role that enters: {role_text}")
        for step in found.steps:
            typer.echo(f"  {step.role} at {step.organization} lacks: {', '.join(step.missing)}")
        return
    typer.echo(f"She would get in{f' as {found.role}' if found.role else ''}; asked for consent: {found.consent}.")
    for name, text in (
        ("ID token", found.id_token),
        ("access token", found.access_token),
        ("userinfo", found.userinfo),
    ):
        if text is not None:
            typer.echo(f"{name}:\n{orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()}")
    for chain in found.tenancy_chains or ():
        typer.echo(f"chain: {chain}")


def _plain(found: "Preview") -> dict[str, Any]:
    def read(text: str | None) -> Any:
        return None if text is None else orjson.loads(text)

    refusal = found.refusal
    return {
        "refusal": None if refusal is None else {"code": refusal.code, "message": refusal.message},
        "role": found.role,
        "roles": list(found.roles),
        "steps": [
            {"role": one.role, "organization": one.organization, "missing": list(one.missing)} for one in found.steps
        ],
        "consent": found.consent,
        "id_token": read(found.id_token),
        "access_token": read(found.access_token),
        "userinfo": read(found.userinfo),
        "tenancy_chains": None if found.tenancy_chains is None else list(found.tenancy_chains),
    }


async def _preview(asked: tuple[str, str, str | None, tuple[str, ...] | None, str | None], reason: str) -> "Preview":
    from dataclasses import replace

    from gateway.oidc.client.preview import preview as previewed
    from resolvers.previews import PreviewAsked, find_person, preview_event, role_of
    from resolvers.refusals import RefusedError
    from store.audit import record
    from store.relying_parties import find_relying_party

    client_id, typed, role, scope, resource = asked
    async with opened_gateway() as gateway:
        async with gateway.pool.acquire() as connection:
            user = await find_person(connection, typed)
            if user is None or await find_relying_party(connection, client_id) is None:
                raise CommandRefusedError(f"There is no client {client_id} or no person {typed}: look them up again.")
        try:
            wanted = PreviewAsked(client_id, user, role_of(role), scope, resource)
        except RefusedError as error:
            raise CommandRefusedError(error.message) from error
        found = await previewed(gateway, wanted)
        async with gateway.pool.acquire() as connection, connection.transaction():
            await record(connection, replace(preview_event(wanted, found), operator_reason=reason))
    return found
