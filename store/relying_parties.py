"""Relying parties: downstream systems as OAuth clients, with the resource URIs of their systems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policy.ids import System
from store.database import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class RelyingParty:
    client_id: str
    label: str
    systems: tuple[System, ...]
    """In the order of registration: the first one is the default audience."""
    auth_method: str
    """`private_key_jwt`, `client_secret_basic`, `client_secret_post` or `none`."""
    secret_hashes: tuple[bytes, ...] = ()
    """SHA-256 of each secret that is good; two during a rotation."""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    role_mode: str = "active-role"
    id_token_alg: str = "RS256"  # noqa: S105
    first_party: bool = False
    launch_uri: str | None = None
    active: bool = True
    resources: Mapping[System, str] = field(default_factory=dict[System, str])
    """Resource URIs of its systems, where registered."""
    jwks: Mapping[str, Any] | None = None
    """Its public keys (RFC 7517 section 5), where it proves itself by `private_key_jwt`."""
    dpop_bound: bool = False
    """Whether every token must be bound to a key (RFC 9449 section 5.2)."""
    require_par: bool = False
    """Whether authorization requests must be pushed (RFC 9126 section 6)."""
    backchannel_logout_uri: str | None = None
    changes_by: str = "refresh"
    """How it learns of changes: `refresh`, `backchannel-logout` or `shared-signals`."""
    legacy: bool = False
    """Whether it may send a token in the address of the Smarter Balanced token check."""


def relying_party_of(client: Row, resources: Mapping[str, str] | None) -> RelyingParty:
    """From a whole row of `relying_parties` and the URIs of its systems by code."""
    return RelyingParty(
        client["client_id"],
        client["label"],
        tuple(System(code) for code in client["systems"]),
        client["auth_method"],
        tuple(client["secret_hashes"]),
        tuple(client["redirect_uris"]),
        tuple(client["post_logout_redirect_uris"]),
        frozenset(client["grant_types"]),
        frozenset(client["scopes"]),
        client["role_mode"],
        client["id_token_alg"],
        client["first_party"],
        client["launch_uri"],
        client["active"],
        {System(code): uri for code, uri in (resources or {}).items()},
        client["jwks"],
        client["dpop_bound"],
        client["require_par"],
        client["backchannel_logout_uri"],
        client["changes_by"],
        client["legacy"],
    )


async def find_relying_party(connection: Connection, client_id: str) -> RelyingParty | None:
    row = await connection.fetchrow(statements("relying_parties")["find"], client_id)
    return None if row is None else relying_party_of(row["client"], row["resources"])


async def client_for_resource(
    connection: Connection, client_id: str, resource: str | None
) -> tuple[RelyingParty | None, bool]:
    """The client, and whether any system is registered under the resource URI."""
    row = await connection.fetchrow(statements("relying_parties")["with_resource"], client_id, resource)
    if row is None:
        return None, False
    return relying_party_of(row["client"], row["resources"]), row["resource_known"]


async def all_relying_parties(connection: Connection) -> tuple[RelyingParty, ...]:
    """Every one, also inactive, ordered by client id."""
    rows = await connection.fetch(statements("relying_parties")["all"])
    return tuple(relying_party_of(row["client"], row["resources"]) for row in rows)


async def insert_relying_party(connection: Connection, client: RelyingParty) -> None:
    """Raises UniqueViolationError when the client id is taken."""
    await connection.execute(statements("relying_parties")["insert"], *_columns(client))


async def update_relying_party(connection: Connection, client: RelyingParty) -> None:
    """Put the whole registration in place of the one with that client id; its version grows."""
    await connection.execute(statements("relying_parties")["update"], *_columns(client))


async def add_secret(connection: Connection, client_id: str, secret_hash: bytes, *, keep_newest: bool) -> bool:
    """Put a secret before those that are good, of which the newest or none stays; False: no such client has secrets."""
    arguments = client_id, secret_hash, keep_newest
    return await connection.fetchval(statements("relying_parties")["add_secret"], *arguments) is not None


async def set_keys(connection: Connection, client_id: str, jwks: Mapping[str, Any]) -> bool:
    """Put public keys in place of those that a client has; False: there is no such client that has keys."""
    return await connection.fetchval(statements("relying_parties")["set_keys"], client_id, dict(jwks)) is not None


async def browser_redirect_uris(connection: Connection) -> tuple[str, ...]:
    """Redirect URIs of clients without a secret: the only ones that call from a browser."""
    rows = await connection.fetch(statements("relying_parties")["browser_redirect_uris"])
    return tuple(row["uri"] for row in rows)


async def has_legacy_audience(connection: Connection, resource: str) -> bool:
    """Whether a legacy relying party runs the system of that resource URI."""
    return await connection.fetchval(statements("relying_parties")["has_legacy_audience"], resource)


def _columns(client: RelyingParty) -> tuple[Any, ...]:
    """The values of a registration in the order of the statements that write one."""
    return (
        client.client_id,
        client.label,
        list(client.systems),
        client.auth_method,
        list(client.secret_hashes),
        list(client.redirect_uris),
        list(client.post_logout_redirect_uris),
        sorted(client.grant_types),
        sorted(client.scopes),
        client.role_mode,
        client.id_token_alg,
        client.first_party,
        client.launch_uri,
        client.active,
        None if client.jwks is None else dict(client.jwks),
        client.dpop_bound,
        client.require_par,
        client.backchannel_logout_uri,
        client.changes_by,
        client.legacy,
    )
