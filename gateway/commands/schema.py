"""`hallpass schema`: prints the GraphQL schema with every directive, as `/graphql/schema` serves it."""

import typer


def print_schema() -> None:
    """Print the GraphQL schema (SDL). `schema/schema.graphql` is this command's output."""
    from schema.build import build_schema
    from store.shipped_packs import vocabulary

    typer.echo(build_schema(vocabulary()).sdl, nl=False)


def register(app: typer.Typer) -> None:
    app.command("schema")(print_schema)
