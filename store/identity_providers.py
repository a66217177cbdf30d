"""Identity providers of districts: what an LEA registered, what the state confirmed, and the e-mail domains of each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NewType
from uuid import UUID

from policy.federation import ProviderKind
from policy.ids import OrganizationId, UserId
from store.composed import fill
from store.connection import Connection, Row
from store.statements import statements

_SQL: Final = "identity_providers"
ProviderId = NewType("ProviderId", UUID)


@dataclass(frozen=True, slots=True)
class ProviderDomain:
    domain: str
    listed_by: UserId
    confirmed_at: datetime | None
    """None: it waits for the state."""


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """`metadata`: what its discovery said that is used, as `gateway.federation.discovery` keeps it."""

    id: ProviderId
    organization_id: OrganizationId
    organization_name: str
    organization_code: str
    is_open: bool
    """Whether the LEA is."""
    kind: ProviderKind
    issuer: str
    tenant: str
    client_id: str
    metadata: Mapping[str, Any]
    metadata_at: datetime
    proposed_by: UserId
    proposed_at: datetime
    confirmed_at: datetime | None
    disabled_at: datetime | None
    version: int
    domains: tuple[ProviderDomain, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether somebody may sign in through it."""
        return self.confirmed_at is not None and self.disabled_at is None and self.is_open

    @property
    def confirmed_domains(self) -> tuple[str, ...]:
        return tuple(one.domain for one in self.domains if one.confirmed_at is not None)


@dataclass(frozen=True, slots=True)
class NewProvider:
    id: ProviderId
    organization: OrganizationId
    kind: ProviderKind
    issuer: str
    tenant: str
    client_id: str
    sealed_secret: bytes = field(repr=False)
    metadata: Mapping[str, Any]
    at: datetime
    by: UserId


@dataclass(frozen=True, slots=True)
class OfferedProvider:
    """A provider as a page offers it: by the name of its LEA."""

    id: ProviderId
    organization_name: str


async def insert_provider(connection: Connection, new: NewProvider) -> None:
    await connection.execute(
        statements(_SQL)["insert"],
        new.id, new.organization, new.kind.value, new.issuer, new.tenant, new.client_id, new.sealed_secret,
        dict(new.metadata), new.at, new.by,
    )  # fmt: skip


async def provider_by_id(connection: Connection, provider: UUID) -> ProviderRecord | None:
    row = await connection.fetchrow(_providers("by_id"), provider)
    return None if row is None else _record(row)


async def lock_provider(connection: Connection, provider: UUID) -> ProviderRecord | None:
    """As it is now that nobody else can change it."""
    if await connection.fetchval(statements(_SQL)["lock"], provider) is None:
        return None
    return await provider_by_id(connection, provider)


async def hold_provider(connection: Connection, provider: UUID, version: int) -> bool:
    """Whether it counts, and as it was when the person was judged by it, until the transaction ends.

    Whoever changes it waits, and then ends what was begun in the transaction.
    """
    return await connection.fetchval(statements(_SQL)["hold"], provider, version) is not None


async def providers_of(
    connection: Connection, organizations: Collection[OrganizationId]
) -> dict[OrganizationId, tuple[ProviderRecord, ...]]:
    found: dict[OrganizationId, list[ProviderRecord]] = {one: [] for one in organizations}
    for row in await connection.fetch(_providers("of_organizations"), list(organizations)):
        found[row["organization_id"]].append(_record(row))
    return {one: tuple(providers) for one, providers in found.items()}


async def every_provider(connection: Connection, most: int, lea_code: str | None = None) -> tuple[ProviderRecord, ...]:
    """Those that wait for the state first, the disabled ones last. `lea_code`: of that LEA only."""
    rows = await connection.fetch(_providers("every"), most, lea_code)
    return tuple(_record(row) for row in rows)


async def provider_of_domain(connection: Connection, domain: str) -> OfferedProvider | None:
    """The one whose confirmed domain it is, exactly; it depends on the domain alone, never on an account."""
    row = await connection.fetchrow(statements(_SQL)["of_domain"], domain)
    return None if row is None else OfferedProvider(row["id"], row["organization_name"])


async def sealed_secret(connection: Connection, provider: UUID) -> bytes:
    return await connection.fetchval(statements(_SQL)["sealed_secret"], provider)


async def update_provider(
    connection: Connection, provider: UUID, client_id: str, metadata: Mapping[str, Any], now: datetime
) -> None:
    await connection.execute(
        statements(_SQL)["update"], provider, client_id, dict(metadata), now
    )  # fmt: skip


async def replace_secret(connection: Connection, provider: UUID, sealed: bytes) -> None:
    await connection.execute(statements(_SQL)["rotate_secret"], provider, sealed)


async def confirm_provider(connection: Connection, provider: UUID, by: UserId, now: datetime) -> None:
    """With every domain that waits."""
    await connection.execute(statements(_SQL)["confirm"], provider, by, now)
    await connection.execute(statements(_SQL)["confirm_domains"], provider, by, now)


async def disable_provider(connection: Connection, provider: UUID, by: UserId, now: datetime) -> None:
    await connection.execute(statements(_SQL)["disable"], provider, by, now)


async def list_provider_domain(
    connection: Connection, new: UUID, provider: UUID, domain: str, by: UserId, now: datetime
) -> None:
    await connection.execute(statements(_SQL)["list_domain"], new, provider, domain, by, now)


async def remove_provider_domains(connection: Connection, provider: UUID, domains: Collection[str]) -> None:
    await connection.execute(statements(_SQL)["remove_domains"], provider, list(domains))


async def domains_elsewhere(connection: Connection, organization: OrganizationId) -> list[str]:
    """Every domain that is confirmed for another LEA. Call it in a transaction, in which no other one is confirmed."""
    await connection.execute(statements(_SQL)["lock_domains"])
    rows = await connection.fetch(statements(_SQL)["domains_elsewhere"], organization)
    return [row["domain"] for row in rows]


async def is_registered_twice(connection: Connection, provider: ProviderRecord) -> bool:
    """Whether another registration of the same issuer and tenant counts.

    Google's is one for all and tells districts apart by their domains, of which each is one LEA's: there it counts
    once for each LEA.
    """
    arguments = provider.issuer, provider.tenant, provider.id, provider.organization_id
    return await connection.fetchval(statements(_SQL)["issuer_elsewhere"], *arguments)


async def is_others_issuer(connection: Connection, issuer: str, organization: OrganizationId) -> bool:
    """Whether another LEA has registered the issuer."""
    return await connection.fetchval(statements(_SQL)["issuer_of_others"], issuer, organization)


def _providers(which: str) -> str:
    return fill(_SQL, which, providers=statements(f"composed/{_SQL}")["providers"])


def _record(row: Row) -> ProviderRecord:
    return ProviderRecord(
        ProviderId(row["id"]), row["organization_id"], row["organization_name"], row["organization_code"],
        row["is_open"], ProviderKind(row["kind"]), row["issuer"], row["tenant"], row["client_id"], row["metadata"],
        row["metadata_at"], row["proposed_by"], row["proposed_at"], row["confirmed_at"], row["disabled_at"],
        row["version"], tuple(ProviderDomain(*one) for one in row["domains"]),
    )  # fmt: skip
