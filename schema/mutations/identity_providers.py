"""Mutations about districts' identity providers, and about one's own links to them."""

from __future__ import annotations

import strawberry

from resolvers import change_provider, identity_links, register_provider
from resolvers.change_provider import SecretAsked, UpdateAsked, Which
from resolvers.identity_links import UnlinkedRow
from resolvers.identity_providers import ProviderRow, Rules
from resolvers.references import read_id
from resolvers.register_provider import ProviderAsked
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, any_of
from schema.identity_providers import (
    CONFIRM_PROVIDER,
    HEADS,
    PROPOSE_PROVIDER,
    SEE_PROVIDERS,
    IdentityProvider,
    IdentityProviderKind,
    read_kind,
)
from schema.mutations.shared import UserError, user_errors
from schema.rules import SELF, SIGHT

UNLINK = access(SELF)


@strawberry.input
class RegisterIdentityProviderInput:
    organization: strawberry.ID
    kind: IdentityProviderKind
    issuer: str | None = strawberry.field(default=None, description="Of the generic kind, exactly as it calls itself.")
    tenant: str | None = strawberry.field(default=None, description="Of Entra, ClassLink and Clever.")
    client_id: str
    client_secret: str = strawberry.field(description="Kept encrypted and never shown again.")
    domains: list[str] = strawberry.field(description="The e-mail domains of the LEA's people.")
    idempotency_key: str

    def read(self) -> ProviderAsked:
        return ProviderAsked(
            read_id(self.organization), read_kind(self.kind), (self.issuer or "").strip(), (self.tenant or "").strip(),
            self.client_id.strip(), self.client_secret.strip(), tuple(self.domains), self.idempotency_key,
        )  # fmt: skip


@strawberry.input
class IdentityProviderInput:
    provider: strawberry.ID
    expected_version: int

    def read(self) -> Which:
        return Which(read_id(self.provider), self.expected_version)


@strawberry.input(description="What is left out stays as it is. What the provider says of itself is read anew.")
class UpdateIdentityProviderInput:
    provider: strawberry.ID
    expected_version: int
    client_id: str | None = strawberry.UNSET
    domains: list[str] | None = strawberry.UNSET

    def read(self) -> UpdateAsked:
        domains = tuple(self.domains) if self.domains else None
        client_id = self.client_id.strip() if self.client_id else None
        return UpdateAsked(Which(read_id(self.provider), self.expected_version), client_id, domains)


@strawberry.input
class RotateIdentityProviderSecretInput:
    provider: strawberry.ID
    expected_version: int
    client_secret: str

    def read(self) -> SecretAsked:
        return SecretAsked(Which(read_id(self.provider), self.expected_version), self.client_secret.strip())


@strawberry.input
class UnlinkIdentityInput:
    link: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class IdentityProviderPayload:
    provider: IdentityProvider | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class UnlinkIdentityPayload:
    unlinked: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


def _rules(info: Info) -> Rules:
    return Rules(rule_of_rows(info), any_of(SEE_PROVIDERS), HEADS)


async def _register(info: Info, input: RegisterIdentityProviderInput) -> ProviderRow:
    return await register_provider.register(info.context, input.read(), _rules(info), SIGHT)


async def _confirm(info: Info, input: IdentityProviderInput) -> ProviderRow:
    return await change_provider.confirm(info.context, input.read(), _rules(info))


async def _update(info: Info, input: UpdateIdentityProviderInput) -> ProviderRow:
    return await change_provider.update(info.context, input.read(), _rules(info))


async def _rotate(info: Info, input: RotateIdentityProviderSecretInput) -> ProviderRow:
    return await change_provider.rotate_secret(info.context, input.read(), _rules(info))


async def _disable(info: Info, input: IdentityProviderInput) -> ProviderRow:
    return await change_provider.disable(info.context, input.read(), _rules(info))


async def _unlink(info: Info, input: UnlinkIdentityInput) -> UnlinkedRow:
    return await identity_links.unlink(info.context, read_id(input.link), rule_of_rows(info))


@strawberry.type
class IdentityProviderMutations:
    register_identity_provider: IdentityProviderPayload | None = answered(
        _register,
        PROPOSE_PROVIDER,
        description="By the LEA's superintendent or a primary coordinator; it counts once the state has confirmed it.",
    )
    confirm_identity_provider: IdentityProviderPayload | None = answered(
        _confirm, CONFIRM_PROVIDER, description="With the domains that wait. A disabled one counts again."
    )
    update_identity_provider: IdentityProviderPayload | None = answered(
        _update, PROPOSE_PROVIDER, description="New domains wait for the state; those left out are gone at once."
    )
    rotate_identity_provider_secret: IdentityProviderPayload | None = answered(_rotate, PROPOSE_PROVIDER)
    disable_identity_provider: IdentityProviderPayload | None = answered(
        _disable, SEE_PROVIDERS, description="Whoever came in through it is signed out."
    )
    unlink_identity: UnlinkIdentityPayload | None = answered(
        _unlink, UNLINK, description="One's own link; the sessions that came through it end."
    )
