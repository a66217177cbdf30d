"""Registrations with the version that they were read at: it grows with each change of one, in the same transaction."""

from dataclasses import dataclass

from store.connection import Connection
from store.relying_parties import RelyingParty, relying_party_of
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Registration:
    """True as long as the version is still this one. `resources`: the addresses of every system, whosever it is."""

    version: int
    client: RelyingParty
    resources: frozenset[str]


async def registration_version(connection: Connection) -> int:
    return await connection.fetchval(statements("registrations")["version"])


async def read_registration(connection: Connection, client_id: str) -> Registration | None:
    """None: there is no such client."""
    row = await connection.fetchrow(statements("registrations")["client"], client_id)
    if row is None:
        return None
    client = relying_party_of(row["client"], row["resources"])
    return Registration(row["version"], client, frozenset(row["every_resource"]))
