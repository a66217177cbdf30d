"""`hallpass clients`: relying parties, registered and their secrets rotated by the host's operator."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import orjson
import typer

from gateway.commands.context import CommandRefusedError, Json, opened_gateway, opened_pool, print_json, run

if TYPE_CHECKING:
    from store.relying_parties import RelyingParty

clients = typer.Typer(
    name="clients", help="Relying parties: downstream systems as OpenID clients.", no_args_is_help=True
)

Operator = Annotated[str, typer.Option("--operator", help="Why; kept in the audit.", metavar="REASON")]
_JWKS: Final[Any] = typer.Option("--jwks", help="A file with its public keys (RFC 7517).", metavar="FILE")
Jwks = Annotated[Path | None, _JWKS]
_CHANGES: Final = (
    "Say how the relying party learns of changes: refresh (tokens live five minutes), backchannel-logout with "
    "--backchannel-logout-uri, or shared-signals."
)
ClientId = Annotated[str, typer.Argument(help="The client id.", metavar="CLIENT_ID")]


@clients.command(name="list")
def list_clients(as_json: Json = False) -> None:
    """Every relying party with its systems, grants and redirect URIs; never a secret."""
    found = run(_all(), as_json=as_json)
    if as_json:
        print_json({"ok": True, "clients": [_plain(client) for client in found]})
        return
    for client in found:
        state = "" if client.active else " (inactive)"
        typer.echo(f"{client.client_id}{state}: {client.label}")
        typer.echo(
            f"  systems {', '.join(client.systems)}; {', '.join(sorted(client.grant_types))}; {client.auth_method}"
        )
        for uri in client.redirect_uris:
            typer.echo(f"  {uri}")


@clients.command()
def add(
    client_id: ClientId,
    label: Annotated[str, typer.Option(help="What people read.")],
    system: Annotated[list[str], typer.Option(help="CODE, or CODE=RESOURCE_URI to set the system's audience too.")],
    operator: Operator,
    redirect_uri: Annotated[list[str] | None, typer.Option(help="Where codes may go.")] = None,
    grant: Annotated[list[str] | None, typer.Option(help="Grant types.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Scopes.")] = None,
    auth_method: Annotated[
        str, typer.Option(help="How it proves itself at the token endpoint.")
    ] = "client_secret_basic",
    role_mode: Annotated[str, typer.Option(help="active-role or union.")] = "active-role",
    id_token_alg: Annotated[str, typer.Option(help="RS256 or ES256.")] = "RS256",  # noqa: S107
    launch_uri: Annotated[str | None, typer.Option(help="Where the start page links to.")] = None,
    post_logout_redirect_uri: Annotated[list[str] | None, typer.Option(help="Where a sign-out may lead.")] = None,
    jwks: Jwks = None,
    changes_by: Annotated[
        str | None, typer.Option(help="How it learns of changes: refresh, backchannel-logout or shared-signals.")
    ] = None,
    backchannel_logout_uri: Annotated[str | None, typer.Option(help="Where logout tokens are sent.")] = None,
    dpop_bound: Annotated[bool, typer.Option("--dpop-bound", help="Every token is bound to a key.")] = False,
    require_par: Annotated[bool, typer.Option("--require-par", help="Authorization requests come pushed.")] = False,
    first_party: Annotated[bool, typer.Option("--first-party", help="People are not asked for consent.")] = False,
    legacy: Annotated[
        bool, typer.Option("--legacy", help="May send a token in the address of the Smarter Balanced token check.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Register a relying party and print its secret, once."""
    from policy.ids import System
    from store.relying_parties import RelyingParty

    pairs = [one.partition("=") for one in system]
    grants = frozenset(grant or ("authorization_code", "refresh_token"))
    if changes_by is None and "authorization_code" in grants:
        raise typer.BadParameter(_CHANGES, param_hint="--changes-by")
    client = RelyingParty(
        client_id=client_id,
        label=label,
        systems=tuple(System(code) for code, _, _ in pairs),
        auth_method=auth_method,
        redirect_uris=tuple(redirect_uri or ()),
        grant_types=grants,
        scopes=frozenset(scope or ("openid", "profile", "email", "assessment", "offline_access")),
        role_mode=role_mode,
        id_token_alg=id_token_alg,
        launch_uri=launch_uri,
        resources={System(code): uri for code, _, uri in pairs if uri},
        post_logout_redirect_uris=tuple(post_logout_redirect_uri or ()),
        jwks=None if jwks is None else _key_set(jwks),
        changes_by=changes_by or "refresh",
        backchannel_logout_uri=backchannel_logout_uri,
        dpop_bound=dpop_bound,
        require_par=require_par,
        first_party=first_party,
        legacy=legacy,
    )
    secret = run(_add(client, operator), as_json=as_json)
    _tell(client_id, secret, as_json)


@clients.command(name="rotate-secret")
def rotate_secret(
    client_id: ClientId,
    operator: Operator,
    only: Annotated[bool, typer.Option("--only", help="Let the earlier secret stop working at once.")] = False,
    as_json: Json = False,
) -> None:
    """Give a new secret and print it, once. The newest earlier one works on, until the next rotation or --only."""
    secret = run(_rotate(client_id, operator, only), as_json=as_json)
    _tell(client_id, secret, as_json)


@clients.command(name="replace-keys")
def replace_keys(client_id: ClientId, jwks: Annotated[Path, _JWKS], operator: Operator, as_json: Json = False) -> None:
    """Put the public keys of a file in place of a client's. To change over, first give both the old one and the new."""
    run(_replace_keys(client_id, _key_set(jwks), operator), as_json=as_json)
    if as_json:
        print_json({"ok": True, "client_id": client_id})
    else:
        typer.echo(f"{client_id} proves itself with the keys of {jwks}.")


def _key_set(path: Path) -> dict[str, Any]:
    """Raises CommandRefusedError for a file that is no JSON object; what stands in it is judged with the rest."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise CommandRefusedError(f"{path} can't be read as JSON: write a key set (RFC 7517) into it.") from error
    if not isinstance(found, dict):
        raise CommandRefusedError(f"{path} holds no key set: write an object with the member keys (RFC 7517).")
    return cast(dict[str, Any], found)


def _tell(client_id: str, secret: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"ok": True, "client_id": client_id, "client_secret": secret})
    elif secret is None:
        typer.echo(f"{client_id} is registered, without a secret.")
    else:
        typer.echo(f"The secret of {client_id}; it is shown only now:")
        typer.echo(secret)


async def _all() -> "tuple[RelyingParty, ...]":
    from store.relying_parties import all_relying_parties

    async with opened_pool() as pool, pool.acquire() as connection:
        return await all_relying_parties(connection)


async def _add(client: "RelyingParty", reason: str) -> str | None:
    from gateway.oidc.client.registering import RegistrationRefusedError, register_relying_party

    async with opened_gateway() as gateway:
        try:
            return await register_relying_party(gateway, client, reason)
        except RegistrationRefusedError as error:
            raise CommandRefusedError(*error.problems) from error


async def _replace_keys(client_id: str, jwks: dict[str, Any], reason: str) -> None:
    from gateway.oidc.client.registering import RegistrationRefusedError, replace_client_keys

    async with opened_gateway() as gateway:
        try:
            await replace_client_keys(gateway, client_id, jwks, reason)
        except RegistrationRefusedError as error:
            raise CommandRefusedError(*error.problems) from error


async def _rotate(client_id: str, reason: str, only: bool) -> str:
    from gateway.oidc.client.registering import RegistrationRefusedError, rotate_client_secret

    async with opened_gateway() as gateway:
        try:
            return await rotate_client_secret(gateway, client_id, reason, only_new=only)
        except RegistrationRefusedError as error:
            raise CommandRefusedError(*error.problems) from error


def _plain(client: "RelyingParty") -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "label": client.label,
        "systems": list(client.systems),
        "resources": dict(client.resources),
        "auth_method": client.auth_method,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": sorted(client.grant_types),
        "scopes": sorted(client.scopes),
        "role_mode": client.role_mode,
        "id_token_alg": client.id_token_alg,
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "jwks": None if client.jwks is None else dict(client.jwks),
        "changes_by": client.changes_by,
        "backchannel_logout_uri": client.backchannel_logout_uri,
        "dpop_bound": client.dpop_bound,
        "require_par": client.require_par,
        "first_party": client.first_party,
        "legacy": client.legacy,
        "active": client.active,
    }


def register(app: typer.Typer) -> None:
    app.add_typer(clients)
