"""`hallpass audit`: verify the sealed trail, and print its head to be noted elsewhere."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.context import REFUSED, USAGE, Json, opened_pool, print_json, progress, refuse, run, settings

if TYPE_CHECKING:
    from gateway.audit.verification import Verified
    from policy.sealing import Head

NotedHead = Annotated[
    str | None, typer.Option("--head", help="A head that `hallpass audit head` printed earlier: is it still there?")
]


def register(app: typer.Typer) -> None:
    audit = typer.Typer(no_args_is_help=True, help="The audit trail: verify it, and note its head.")
    audit.command("verify")(verify)
    audit.command("head")(head)
    app.add_typer(audit, name="audit")


def verify(noted: NotedHead = None, as_json: Json = False) -> None:
    """Verify every sealed batch of the audit trail: events changed, gone, put in or reordered, batches missing.

    Exit codes: 0 nothing found, 1 something found, 2 usage. Without --head an end that was cut off can't be seen.
    """
    from policy.sealing import Head

    try:
        known = Head.of(noted) if noted is not None else None
    except ValueError as error:
        refuse(str(error), as_json=as_json, code=USAGE)
    verified = run(_verify(known, as_json), as_json=as_json)
    _tell(verified, as_json=as_json)
    if verified.findings:
        raise typer.Exit(REFUSED)


def head(as_json: Json = False) -> None:
    """Print the last sealed batch as number:hash. Note it where who may write the database can't change it."""
    last, waiting = run(_head(), as_json=as_json)
    if as_json:
        print_json({"ok": True, "head": last.text if last else None, "waiting": waiting})
    else:
        typer.echo(last.text if last else "Nothing is sealed yet.")


async def _verify(known: "Head | None", as_json: bool) -> "Verified":
    from gateway.audit.sealing import sealing_key
    from gateway.audit.verification import verify as verify_trail
    from gateway.root_key import present_root_key
    from store.audit_batches import count_batches

    async with opened_pool() as pool, pool.acquire() as connection:
        key = sealing_key(await present_root_key(connection, settings()))
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            with progress(as_json=as_json) as bar:
                task = bar.add_task("Batches", total=await count_batches(connection))
                return await verify_trail(connection, key, known, lambda done: bar.update(task, completed=done))


async def _head() -> "tuple[Head | None, int]":
    from store.audit_batches import head as last_head
    from store.audit_batches import waiting

    async with opened_pool() as pool, pool.acquire() as connection:
        return await last_head(connection), (await waiting(connection)).events


def _tell(verified: "Verified", *, as_json: bool) -> None:
    if as_json:
        findings = [
            {"fault": one.fault.value, "batch": one.batch, "events": list(one.events), "text": one.text}
            for one in verified.findings
        ]
        print_json(
            {
                "ok": not findings,
                "batches": verified.batches,
                "events": verified.events,
                "waiting": verified.waiting,
                "head": verified.head.text if verified.head else None,
                "findings": findings,
            }
        )
        return
    for one in verified.findings:
        typer.echo(one.text, err=True)
    if not verified.findings:
        typer.echo(f"The audit trail is whole: {verified.events:,} events in {verified.batches:,} batches.")
    if verified.waiting:
        typer.echo(f"{verified.waiting:,} events are not sealed yet: the gateway does so each minute.")
    if verified.head:
        typer.echo(f"Head: {verified.head.text}")
