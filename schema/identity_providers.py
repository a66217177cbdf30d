"""Identity providers of districts: an LEA's head proposes one, the state's integration administrator confirms it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from policy.access import AccessTarget as Target
from policy.federation import ProviderKind
from resolvers.identity_links import OwnLink
from resolvers.identity_providers import ProviderRecord, terms_of
from schema.asked import Info, answered
from schema.directives import PUBLIC, access, read_permission, rule
from schema.mapped import row_of
from schema.rules import COORDINATORS_DESIGNATE, USERS_MANAGE
from schema.sizes import listed

if TYPE_CHECKING:
    from schema.organizations import Organization

STATE_IDENTITY_PROVIDERS = "hallpass:state:identity-providers"

PROPOSE_PROVIDER = access(
    rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS), rule(COORDINATORS_DESIGNATE, Target.USERS_ORGANIZATIONS)
)
"""Which of them are the superintendent and the primary coordinators is the rule's to say, not the permission's."""
CONFIRM_PROVIDER = access(rule(STATE_IDENTITY_PROVIDERS, Target.STATE))
SEE_PROVIDERS = access(
    rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS),
    rule(COORDINATORS_DESIGNATE, Target.THIS),
    rule(STATE_IDENTITY_PROVIDERS, Target.STATE),
)
HEADS = (read_permission(COORDINATORS_DESIGNATE),)
"""What only the head of an LEA has."""


@strawberry.enum(description="What the provider runs on. It says which claims count.")
class IdentityProviderKind(Enum):
    GOOGLE = ProviderKind.GOOGLE.value
    ENTRA = ProviderKind.ENTRA.value
    CLASSLINK = ProviderKind.CLASSLINK.value
    CLEVER = ProviderKind.CLEVER.value
    GENERIC = ProviderKind.GENERIC.value


@strawberry.type(directives=[PUBLIC], description="An e-mail domain of the LEA's people. It belongs to one LEA.")
class IdentityProviderDomain:
    domain: str | None
    confirmed_at: datetime | None = strawberry.field(description="Null: it waits for the state.")


def _kind(root: strawberry.Parent[ProviderRecord]) -> IdentityProviderKind:
    return IdentityProviderKind(root.kind.value)


def _redirect_uri(root: strawberry.Parent[ProviderRecord], info: Info) -> str:
    return terms_of(info.context).redirect_uri(root.id)


@strawberry.type(
    directives=[PUBLIC],
    description="An LEA's own OpenID provider. It is reached through guarded fields only; its secret is never shown.",
)
class IdentityProvider:
    id: strawberry.ID
    kind: IdentityProviderKind | None = answered(_kind)
    issuer: str | None
    tenant: str | None = strawberry.field(description="Whose people, at an issuer that serves many.")
    client_id: str | None
    redirect_uri: str | None = answered(_redirect_uri, description="What the district enters at its provider.")
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = row_of("organization_id")
    organization_name: str | None = strawberry.field(description="For whoever confirms without seeing organizations.")
    organization_code: str | None
    domains: list[IdentityProviderDomain] | None = listed(20)
    metadata_at: datetime | None = strawberry.field(description="When it was last asked what it offers.")
    proposed_at: datetime | None
    confirmed_at: datetime | None = strawberry.field(description="Null: it waits for the state.")
    disabled_at: datetime | None = strawberry.field(description="Null: nobody has disabled it.")
    version: int | None


def _link_kind(root: strawberry.Parent[OwnLink]) -> IdentityProviderKind:
    return IdentityProviderKind(root.kind.value)


@strawberry.type(
    directives=[PUBLIC], description="One's own way in through a district. Reached by guarded fields only."
)
class IdentityLink:
    id: strawberry.ID
    organization_name: str | None = strawberry.field(description="The district.")
    kind: IdentityProviderKind | None = answered(_link_kind)
    linked_at: datetime | None
    last_used_at: datetime | None
    counts: bool | None = strawberry.field(description="False: the district's sign-in isn't in use now.")


def read_kind(kind: Any) -> ProviderKind:
    return ProviderKind(kind.value)
