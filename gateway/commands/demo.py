"""`hallpass demo`: load the invented state into an empty database, or print who can sign in to it."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.context import CommandRefusedError, Json, print_json, progress, refuse, run, settings

if TYPE_CHECKING:
    from gateway.demo.load import Loaded
    from gateway.settings import Settings

demo = typer.Typer(name="demo", help="An invented state to try Hallpass with.", no_args_is_help=True)


@demo.command()
def load(
    users: Annotated[int, typer.Option(help="How many people: 200 to 1,000,000.")] = 200, as_json: Json = False
) -> None:
    """Load the demo state of that size into an empty database: all of it, or nothing where it is cut off.

    Its clients are registered, too; their secrets go to demo-clients.json in the data directory.
    """
    chosen = settings()
    began = time.monotonic()
    loaded = run(_load(chosen, users, as_json=as_json), as_json=as_json)
    seconds = time.monotonic() - began
    if as_json:
        print_json({"ok": True, "users": loaded.users, "leas": loaded.leas, "schools": loaded.schools,
                    "assignments": loaded.assignments, "changed": not loaded.again,
                    "seconds": round(seconds, 2)})  # fmt: skip
    elif loaded.again:
        typer.echo(f"The demo state of {loaded.users:,} people is there already; nothing was changed.")
    else:
        typer.echo(
            f"{loaded.users:,} people with {loaded.assignments:,} role assignments at {loaded.leas:,} LEAs and "
            f"{loaded.schools:,} schools, in {seconds:.1f} s. `hallpass demo people` prints sign-ins."
        )


@demo.command()
def secret(client: Annotated[str, typer.Argument(help="As `completion-status-sync`.")]) -> None:
    """Print the secret of a demo client, made when the demo state was loaded on this machine."""
    from gateway.demo.secrets_file import FILE_NAME, read_secrets

    directory = settings().data_dir
    found = read_secrets(directory).get(client)
    if found is None:
        refuse(f"{directory / FILE_NAME} has no secret of {client}: load the demo state, and name one of its clients.")
    typer.echo(found)


@demo.command(name="people")
def show_people(as_json: Json = False) -> None:
    """Print the named people of the demo state, their roles and their password. Needs no database."""
    from gateway.demo.mix import mix
    from gateway.demo.sign_ins import has_password, sign_ins
    from policy.packs import Packs
    from store.shipped_packs import shipped_packs, vocabulary

    packs = Packs(vocabulary(), [file.pack for file in shipped_packs() if file.pack.loaded_by_default])
    password = mix().password if has_password(settings()) else None
    rows = [(person.email, f"{person.first} {person.last}", person.name, roles) for person, roles in sign_ins(packs)]
    if as_json:
        people = [{"email": email, "name": name, "who": who, "roles": roles} for email, name, who, roles in rows]
        print_json({"password": password, "people": people})
        return
    for email, name, who, roles in rows:
        typer.echo(f"{email:<34}{name} – {who} ({roles})")
    typer.echo(f"Password of each: {password}" if password else "None has a password: the issuer is not this machine.")


async def _load(chosen: "Settings", users: int, *, as_json: bool) -> "Loaded":
    from gateway.database import open_database
    from gateway.demo.clients import register as register_clients
    from gateway.demo.example_address import example_address
    from gateway.demo.load import DemoRefusedError, load_demo
    from gateway.resources import new_token
    from store.packs import ensure_default_packs, load_packs

    async with open_database(chosen) as database:
        async with database.pool.acquire() as connection:
            async with connection.transaction():
                await ensure_default_packs(connection)
            packs = await load_packs(connection)
            hashed = await _hash(chosen)
            with progress(as_json=as_json) as bar:
                task = bar.add_task("People", total=users)
                try:
                    loaded = await load_demo(
                        connection, users, packs, hashed, lambda done: bar.update(task, completed=done)
                    )
                except DemoRefusedError as error:
                    raise CommandRefusedError(str(error)) from error
            if not loaded.again:
                await register_clients(connection, packs, chosen.data_dir, new_token, example_address(chosen.port))
        if database.owner_url is not None and not loaded.again:
            await _update_statistics(database.owner_url)
    return loaded


async def _hash(chosen: "Settings") -> str | None:
    from concurrent.futures import ThreadPoolExecutor

    from gateway.demo.sign_ins import demo_password_hash

    with ThreadPoolExecutor(1) as hashing:
        return await demo_password_hash(chosen, hashing)


async def _update_statistics(owner_url: str) -> None:
    from store.database import OWNER_ROLE, open_connection
    from store.demo import update_statistics

    connection = await open_connection(owner_url, OWNER_ROLE)
    try:
        await update_statistics(connection)
    finally:
        await connection.close()


def register(app: typer.Typer) -> None:
    app.add_typer(demo)
