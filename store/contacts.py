"""Contacts of LEAs: people whom the state writes to, with or without an account (S1-10)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from policy.contacts import ContactKind
from policy.ids import OrganizationId, UserId
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class ContactData:
    """Either `user`, whose own data counts, or names and addresses of somebody without an account."""

    user: UserId | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class ContactRecord:
    organization_id: OrganizationId
    kind: ContactKind
    data: ContactData
    version: int
    set_at: datetime


async def contacts_of(
    connection: Connection, organizations: Collection[OrganizationId]
) -> dict[OrganizationId, tuple[ContactRecord, ...]]:
    """Those of each organization, in one statement."""
    found: dict[OrganizationId, list[ContactRecord]] = {one: [] for one in organizations}
    for row in await connection.fetch(statements("contacts")["of_organizations"], list(organizations)):
        data = ContactData(row["user_id"], row["first_name"], row["last_name"], row["email"], row["phone"])
        record = ContactRecord(row["organization_id"], ContactKind(row["kind"]), data, row["version"], row["set_at"])
        found[record.organization_id].append(record)
    return {one: tuple(records) for one, records in found.items()}


async def lock_contact(connection: Connection, organization: OrganizationId, kind: ContactKind) -> int:
    """The version of the contact that there is, locked until the transaction ends; 0: there is none."""
    return await connection.fetchval(statements("contacts")["lock"], organization, kind.value) or 0


async def put_contact(connection: Connection, record: ContactRecord, by: UserId) -> None:
    data = record.data
    await connection.execute(
        statements("contacts")["put"],
        record.organization_id, record.kind.value, data.user, data.first_name, data.last_name, data.email, data.phone,
        by, record.set_at, record.version,
    )  # fmt: skip


async def delete_contact(connection: Connection, organization: OrganizationId, kind: ContactKind) -> None:
    await connection.execute(statements("contacts")["delete"], organization, kind.value)
