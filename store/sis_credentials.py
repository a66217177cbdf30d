"""SIS credentials: a client of its own for each LEA's student information system, which is no relying party (S1-34)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, System, UserId
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class SisCredentialRecord:
    """`expires_on` is the last day on which they are good. The secret is known as a hash, and that isn't here."""

    id: UUID
    organization_id: OrganizationId
    client_id: str
    issued_by: UserId
    issued_at: datetime
    expires_on: date
    revoked: bool


@dataclass(frozen=True, slots=True)
class SisClient:
    """What the token endpoint judges. `organization`: `lea:code`. `resource`: the system's audience, if registered."""

    client_id: str
    secret_hash: bytes = field(repr=False)
    expires_on: date
    organization: str
    resource: str | None


@dataclass(frozen=True, slots=True)
class ExpiringSisCredentials:
    id: UUID
    organization: OrganizationId
    expires_on: date
    issued_by: UserId
    sent: frozenset[int]


async def issue_sis_credentials(
    connection: Connection, new: SisCredentialRecord, secret_hash: bytes, under: str
) -> UUID | None:
    """In place of those that the LEA had; their id. The caller has locked the organization."""
    replaced = await revoke_sis_credentials(connection, new.organization_id, new.issued_at)
    await connection.execute(
        statements("sis_credentials")["issue"],
        new.id, new.organization_id, new.client_id, secret_hash, new.issued_by, under, new.issued_at, new.expires_on,
    )  # fmt: skip
    return replaced


async def revoke_sis_credentials(connection: Connection, organization: OrganizationId, now: datetime) -> UUID | None:
    """End those that the LEA has; their id, None: it has none."""
    return await connection.fetchval(statements("sis_credentials")["revoke"], organization, now)


async def sis_credentials_by_id(connection: Connection, identifier: UUID) -> SisCredentialRecord | None:
    row = await connection.fetchrow(statements("sis_credentials")["by_id"], identifier)
    return None if row is None else _record(row)


async def sis_credentials_of(
    connection: Connection, organizations: Collection[OrganizationId]
) -> dict[OrganizationId, SisCredentialRecord]:
    """Those that weren't revoked or replaced, also where they have expired."""
    rows = await connection.fetch(statements("sis_credentials")["of_organizations"], list(organizations))
    return {row["organization_id"]: _record(row) for row in rows}


async def sis_client(connection: Connection, client_id: str, system: System) -> SisClient | None:
    """The client, unless its credentials were revoked or its LEA is closed."""
    row = await connection.fetchrow(statements("sis_credentials")["client"], client_id, system)
    if row is None:
        return None
    organization = f"{row['level']}:{row['code']}"
    return SisClient(client_id, row["secret_hash"], row["expires_on"], organization, row["resource"])


async def expiring_sis_credentials(
    connection: Connection, first: date, last: date
) -> tuple[ExpiringSisCredentials, ...]:
    """Those whose last day lies between the two days."""
    return tuple(
        ExpiringSisCredentials(
            row["id"], row["organization_id"], row["expires_on"], row["issued_by"], frozenset(row["sent"])
        )
        for row in await connection.fetch(statements("sis_credentials")["expiring"], first, last)
    )


async def holders_at(
    connection: Connection,
    organization: OrganizationId,
    roles: Iterable[tuple[ProgramCode, SchoolYear, RoleSlug]],
    today: date,
) -> tuple[UserId, ...]:
    """Who holds one of the roles at the organization today, with an active account."""
    sought = [{"program": program, "school_year": year, "role": role} for program, year, role in roles]
    rows = await connection.fetch(statements("sis_credentials")["holders"], organization, sought, today)
    return tuple(row["user_id"] for row in rows)


def _record(row: Row) -> SisCredentialRecord:
    return SisCredentialRecord(
        row["id"], row["organization_id"], row["client_id"], row["issued_by"], row["issued_at"], row["expires_on"],
        row["revoked_at"] is not None,
    )  # fmt: skip
