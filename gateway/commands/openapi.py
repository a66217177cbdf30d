"""`hallpass openapi`: prints the OpenAPI document, as `/openapi.json` serves it."""

import typer


def print_openapi() -> None:
    """Print the OpenAPI document of the REST parts. `docs/openapi.json` is this command's output."""
    from gateway.openapi.document import printed

    typer.echo(printed(), nl=False)


def register(app: typer.Typer) -> None:
    app.command("openapi")(print_openapi)
