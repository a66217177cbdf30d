"""Credentials (licences): recorded for a person in one LEA, where alone they satisfy a role (decisions, accounts 7)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection, Row
from store.placing import places_of
from store.records import CredentialRecord
from store.statements import statements


@dataclass(frozen=True, slots=True)
class ExpiringCredential:
    """A credential that a role needs and that expires. `sent`: the notices (days before) that went out already."""

    id: UUID
    user: UserId
    lea: OrganizationId
    expires_on: date
    sent: frozenset[int]


async def record_credential(connection: Connection, credential: CredentialRecord) -> None:
    """The caller raises the person's access version afterwards."""
    await connection.execute(
        statements("credentials")["record"],
        credential.id, credential.user_id, credential.lea_id, credential.number,
        credential.expires_on, credential.recorded_by, credential.recorded_at,
    )  # fmt: skip


async def credentials_of_users(
    connection: Connection, users: Collection[UserId]
) -> dict[UserId, tuple[CredentialRecord, ...]]:
    """What is recorded for each of the users, longest valid first, in one statement; the caller filters by LEA."""
    found: dict[UserId, list[CredentialRecord]] = {user: [] for user in users}
    for row in await connection.fetch(statements("credentials")["of_users"], list(users)):
        found[row["user_id"]].append(_record(row))
    return {user: tuple(credentials) for user, credentials in found.items()}


async def credential_by_id(connection: Connection, credential: UUID) -> CredentialRecord | None:
    row = await connection.fetchrow(statements("credentials")["by_id"], credential)
    return None if row is None else _record(row)


async def delete_credential(connection: Connection, credential: UUID) -> bool:
    """False when it was gone. The caller raises the person's access version afterwards."""
    return await connection.execute(statements("credentials")["delete"], credential) == "DELETE 1"


async def delete_credentials_in_lea(
    connection: Connection, user: UserId, lea: OrganizationId
) -> tuple[tuple[UUID, date], ...]:
    """What a new record replaces: id and last day of each."""
    rows = await connection.fetch(statements("credentials")["delete_in_lea"], user, lea)
    return tuple((row["id"], row["expires_on"]) for row in rows)


async def expiring_credentials(
    connection: Connection, first: date, last: date, roles: Iterable[tuple[ProgramCode, SchoolYear, RoleSlug]]
) -> tuple[ExpiringCredential, ...]:
    """Those whose last day lies between the two days and that one of the roles, held in that LEA, needs."""
    needing = [{"program": program, "school_year": year, "role": role} for program, year, role in roles]
    rows = await connection.fetch(statements("credentials")["expiring"], first, last, needing)
    return tuple(
        ExpiringCredential(row["id"], row["user_id"], row["lea_id"], row["expires_on"], frozenset(row["sent"]))
        for row in rows
    )


def _record(row: Row) -> CredentialRecord:
    return CredentialRecord(
        id=row["id"],
        user_id=row["user_id"],
        lea_id=row["lea_id"],
        number=row["number"],
        expires_on=row["expires_on"],
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
        held_at=places_of(row["held_at"]),
    )
