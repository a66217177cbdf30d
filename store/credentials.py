"""Credentials (licences): recorded for a person in one LEA, where alone they satisfy a role (decisions, accounts 7)."""

from collections.abc import Collection

from policy.ids import UserId
from store.connection import Connection, Row
from store.records import CredentialRecord
from store.statements import statements


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


def _record(row: Row) -> CredentialRecord:
    return CredentialRecord(
        id=row["id"],
        user_id=row["user_id"],
        lea_id=row["lea_id"],
        number=row["number"],
        expires_on=row["expires_on"],
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
    )
