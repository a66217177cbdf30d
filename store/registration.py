"""Registering oneself: the domains that LEAs listed and the state confirmed, and who asked, until the link is used."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from policy.ids import OrganizationId, ProgramCode, UserId
from store.connection import Connection, Row
from store.keys_of import email_key
from store.statements import statements


@dataclass(frozen=True, slots=True)
class DomainRecord:
    """`confirmed_at` None: it waits for the state."""

    id: UUID
    organization_id: OrganizationId
    program: ProgramCode
    domain: str
    listed_by: UserId
    listed_at: datetime
    confirmed_by: UserId | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenDomain:
    id: UUID
    organization: OrganizationId
    program: ProgramCode


@dataclass(frozen=True, slots=True)
class NewRegistration:
    id: UUID
    domain: UUID
    email: str
    first_name: str
    last_name: str
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody who asked and has the mailed link in hand."""

    id: UUID
    email: str = field(repr=False)
    email_key: str = field(repr=False)
    first_name: str
    last_name: str
    organization: OrganizationId
    program: ProgramCode


def domain_key(typed: str) -> str:
    """A domain as addresses of it are compared: IDNA, small letters."""
    return email_key(f"x@{typed.strip().removeprefix('@')}").partition("@")[2]


async def list_domain(connection: Connection, new: DomainRecord) -> bool:
    """False when the LEA has listed it for the program already."""
    done = await connection.execute(
        statements("registration")["list"],
        new.id, new.organization_id, new.program, new.domain, new.listed_by, new.listed_at,
    )  # fmt: skip
    return done == "INSERT 0 1"


async def confirm_domain(connection: Connection, domain: UUID, by: UserId, now: datetime) -> bool:
    """False when it was confirmed or removed before."""
    return await connection.execute(statements("registration")["confirm"], domain, by, now) == "UPDATE 1"


async def remove_domain(connection: Connection, domain: UUID) -> None:
    """With it go the registrations that wait for their link to be used."""
    await connection.execute(statements("registration")["delete"], domain)


async def domain_by_id(connection: Connection, domain: UUID) -> DomainRecord | None:
    """Locked where a transaction is open."""
    row = await connection.fetchrow(statements("registration")["by_id"], domain)
    return None if row is None else _domain(row)


async def domains_of(
    connection: Connection, organizations: Collection[OrganizationId]
) -> dict[OrganizationId, tuple[DomainRecord, ...]]:
    """What each of the organizations has listed, in one statement."""
    found: dict[OrganizationId, list[DomainRecord]] = {one: [] for one in organizations}
    for row in await connection.fetch(statements("registration")["of_organizations"], list(organizations)):
        found[row["organization_id"]].append(_domain(row))
    return {one: tuple(domains) for one, domains in found.items()}


async def waiting_domains(connection: Connection, most: int) -> tuple[DomainRecord, ...]:
    """Those that wait for the state, the oldest first."""
    return tuple(_domain(row) for row in await connection.fetch(statements("registration")["waiting"], most))


async def confirmed_elsewhere(connection: Connection, domain: str, but: UUID) -> bool:
    """Whether another LEA or program has the domain confirmed."""
    return await connection.fetchval(statements("registration")["taken"], domain, but)


async def open_domain(connection: Connection, email: str) -> OpenDomain | None:
    """The confirmed domain of the address, of an LEA that is open."""
    row = await connection.fetchrow(statements("registration")["open_to"], email_key(email).rpartition("@")[2])
    return None if row is None else OpenDomain(row["id"], row["organization_id"], row["program"])


async def ask_to_register(connection: Connection, new: NewRegistration, not_since: datetime) -> UUID | None:
    """The registration's id, in place of what the address asked before; None: it asked after `not_since`."""
    return await connection.fetchval(
        statements("registration")["ask"],
        new.id, new.domain, new.email, email_key(new.email), new.first_name, new.last_name, new.asked_at,
        new.expires_at, not_since,
    )  # fmt: skip


async def registration_by_token(connection: Connection, token_hash: bytes, now: datetime) -> Registration | None:
    """None: unknown, used, lapsed, or the domain isn't open any more."""
    row = await connection.fetchrow(statements("registration")["by_token"], token_hash, now)
    if row is None:
        return None
    return Registration(
        row["id"], row["email"], row["email_key"], row["first_name"], row["last_name"], row["organization_id"],
        row["program"],
    )  # fmt: skip


async def consume_registration(connection: Connection, registration: UUID, token_hash: bytes) -> bool:
    """Use the link up; False: another request was faster."""
    return await connection.fetchval(statements("registration")["consume"], registration, token_hash) is not None


async def purge_registrations(connection: Connection, now: datetime) -> None:
    """Those whose link has lapsed."""
    await connection.execute(statements("registration")["purge"], now)


def _domain(row: Row) -> DomainRecord:
    return DomainRecord(
        row["id"], row["organization_id"], row["program"], row["domain"], row["listed_by"], row["listed_at"],
        row["confirmed_by"], row["confirmed_at"],
    )  # fmt: skip
