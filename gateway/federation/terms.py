"""What resolvers are given to register an identity provider: discovery, and the sealing of its client secret."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.federation.discovery import DiscoveryError, discover
from gateway.federation.ways import redirect_uri, sealed_client_secret
from gateway.state import Gateway
from resolvers.asking import ProviderTerms, UnusableProviderError


def provider_terms(gateway: Gateway) -> ProviderTerms:
    async def metadata_of(issuer: str) -> Mapping[str, Any]:
        try:
            return (await discover(issuer, gateway.settings.issuer)).kept()
        except DiscoveryError as error:
            raise UnusableProviderError(str(error)) from error

    def sealed(provider: UUID, secret: str) -> bytes:
        return sealed_client_secret(gateway.secret_key, provider, secret)

    return ProviderTerms(metadata_of, sealed, lambda provider: redirect_uri(gateway, provider))
