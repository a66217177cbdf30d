"""Organizations: the tree state → LEA → school, and what lies at each of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from policy.ids import OrganizationId
from resolvers import contacts, identity_providers, registration_domains, sis_credentials
from resolvers.contacts import ContactRow
from resolvers.identity_providers import ProviderRecord
from resolvers.registration_domains import DomainRecord
from resolvers.rows import MappedRow
from resolvers.sis_credentials import SisCredentialRecord
from schema.asked import Info, answered
from schema.connections import Connection
from schema.contacts import SEE_CONTACTS, Contact
from schema.identity_providers import SEE_PROVIDERS, IdentityProvider
from schema.mapped import column, lists, points_to
from schema.node import Node
from schema.registration import SEE_DOMAINS, RegistrationDomain
from schema.rules import LIST_USERS, SEE_ORGANIZATION
from schema.sis_credentials import MANAGE_SIS, SisCredentials
from schema.words import Level
from store.tables import ORGANIZATIONS, Found

if TYPE_CHECKING:
    from schema.groups import StudentGroup
    from schema.users import User


async def _contacts(root: strawberry.Parent[MappedRow], info: Info) -> list[ContactRow]:
    return await contacts.of_organization(info.context, OrganizationId(root.id))


async def _sis_credentials(root: strawberry.Parent[MappedRow], info: Info) -> SisCredentialRecord | None:
    return await sis_credentials.of_organization(info.context, OrganizationId(root.id))


async def _registration_domains(root: strawberry.Parent[MappedRow], info: Info) -> tuple[DomainRecord, ...]:
    return await registration_domains.of_organization(info.context, OrganizationId(root.id))


async def _identity_providers(root: strawberry.Parent[MappedRow], info: Info) -> tuple[ProviderRecord, ...]:
    return await identity_providers.of_organization(info.context, OrganizationId(root.id))


@strawberry.type(directives=[SEE_ORGANIZATION], description="A node of the tree state → LEA → school.")
class Organization(Node):
    table: ClassVar = ORGANIZATIONS
    id: strawberry.ID = column("id")
    code: str | None = column("code")
    name: str | None = column("name")
    level: Level | None = column("level")
    active: bool | None = column("active")
    parent: Organization | None = points_to("parent_id")
    children: Connection[Organization] | None = lists(Found.BY_KEY, "parent_id")
    users: Connection[Annotated[User, strawberry.lazy("schema.users")]] | None = lists(Found.BY_HOLDING, "", LIST_USERS)
    contacts: list[Contact] | None = answered(
        _contacts, SEE_CONTACTS, description="Whom the state writes to; of LEAs only.", size=2, unmapped=True
    )
    sis_credentials: SisCredentials | None = answered(
        _sis_credentials, MANAGE_SIS, description="Of an LEA's student information system.", unmapped=True
    )
    registration_domains: list[RegistrationDomain] | None = answered(
        _registration_domains,
        SEE_DOMAINS,
        description="Listed for registering oneself.",
        size=5,
        unmapped=True,
    )
    identity_providers: list[IdentityProvider] | None = answered(
        _identity_providers,
        SEE_PROVIDERS,
        description="An LEA's own, by which its people sign in.",
        size=3,
        unmapped=True,
    )
    student_groups: Connection[Annotated[StudentGroup, strawberry.lazy("schema.groups")]] | None = lists(
        Found.BY_KEY, "organization_id"
    )
