"""Registrations as the state's administrator reads and changes them, and what a changed one ends."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.connection import Connection, Row
from store.relying_parties import RelyingParty, relying_party_of
from store.statements import statements


@dataclass(frozen=True, slots=True)
class RegistrationReport:
    client: RelyingParty
    version: int
    created_at: datetime
    changed_at: datetime | None
    secrets_since: tuple[datetime | None, ...]
    """One for each secret that is good, the newest first; None: nobody knows since when."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Which authorizations a registration ends, as it is from now on.

    `resources`: of its systems; `issuer`: the gateway, a resource with scope directory.read. `redirect_uris`: those in
    use that are still good; None: none was taken away. `unconsented`: those without a consent; `every`: all.
    """

    resources: Collection[str]
    issuer: str
    redirect_uris: Collection[str] | None
    unconsented: bool
    every: bool


async def registration_reports(
    connection: Connection, most: int, client_id: str | None = None
) -> tuple[RegistrationReport, ...]:
    """By client id; also inactive ones. `client_id`: that one alone."""
    rows = await connection.fetch(statements("relying_parties")["reports"], most, client_id)
    return tuple(_report(row) for row in rows)


async def lock_registration(connection: Connection, client_id: str) -> RegistrationReport | None:
    """As it is now that nobody else can change it, until the transaction ends."""
    row = await connection.fetchrow(statements("relying_parties")["lock"], client_id)
    return None if row is None else _report(row)


async def redirect_uris_in_use(connection: Connection, client_id: str, now: datetime) -> Sequence[str]:
    """The addresses by which its live authorizations came, as far as they are still known."""
    rows = await connection.fetch(statements("relying_parties")["redirects_in_use"], client_id, now)
    return [row["uri"] for row in rows]


async def end_unfit_authorizations(connection: Connection, client: RelyingParty, unfit: Unfit, now: datetime) -> int:
    """End what the registration doesn't allow any more, with its codes and tokens. Returns how many ended."""
    return await connection.fetchval(
        statements("relying_parties")["end_unfit"],
        client.client_id,
        now,
        sorted(client.scopes),
        sorted(unfit.resources),
        unfit.issuer,
        unfit.redirect_uris is not None,
        list(unfit.redirect_uris or ()),
        unfit.unconsented,
        unfit.every,
    )


def _report(row: Row) -> RegistrationReport:
    client = row["client"]
    return RegistrationReport(
        relying_party_of(client, row["resources"]),
        client["version"],
        client["created_at"],
        client["changed_at"],
        tuple(client["secrets_since"]),
    )
