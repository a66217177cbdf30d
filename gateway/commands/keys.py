"""`hallpass keys`: the signing keys."""

from typing import Annotated

import typer

from gateway.commands.context import Json, opened_gateway, print_json, run

keys = typer.Typer(name="keys", help="Signing keys.", no_args_is_help=True)


@keys.callback()
def group() -> None:
    """Signing keys."""


@keys.command()
def rotate(
    operator: Annotated[str, typer.Option("--operator", help="Why; kept in the audit.", metavar="REASON")] = "rotation",
    as_json: Json = False,
) -> None:
    """Publish new signing keys; they sign an hour later, and the old ones stay published for a day after that."""
    made = run(_rotate(operator), as_json=as_json)
    if as_json:
        print_json({"ok": True, "keys": made})
        return
    for alg, kid in sorted(made.items()):
        typer.echo(f"{alg}: {kid} is published now and signs in an hour.")


async def _rotate(reason: str) -> dict[str, str]:
    from gateway.oidc.keys.ring import KeyRing

    async with opened_gateway() as gateway:
        return await KeyRing(gateway.pool, gateway.secret_key).rotate(gateway.now(), reason)


def register(app: typer.Typer) -> None:
    app.add_typer(keys)
