"""What a provider says of itself (OpenID Connect Discovery 1.0): fetched when it is registered, judged, and kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import orjson

from gateway.outgoing import OutgoingError, address_fault, call

WELL_KNOWN: Final = "/.well-known/openid-configuration"
ALGORITHMS: Final = frozenset({"ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"})
"""Signatures that ID tokens may have: asymmetric ones. `none` and those by a shared secret are in nobody's list."""
_MOST_BYTES: Final = 131_072
_BASIC: Final = "client_secret_basic"
_POST: Final = "client_secret_post"


class DiscoveryError(Exception):
    """Why a provider can't be used, as one sentence to whoever registers it."""


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What is used of it. `iss_in_answers`: authorization answers name their issuer (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    auth_method: str
    iss_in_answers: bool

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def read(kept: Mapping[str, Any]) -> "ProviderMetadata":
        return ProviderMetadata(
            kept["authorization_endpoint"], kept["token_endpoint"], kept["jwks_uri"], tuple(kept["algorithms"]),
            kept["auth_method"], kept["iss_in_answers"],
        )  # fmt: skip


async def discover(issuer: str, own_issuer: str) -> ProviderMetadata:
    """The provider's metadata. `own_issuer`: ours, which decides where calls may go. Raises DiscoveryError."""
    fault = issuer_fault(issuer, own_issuer)
    if fault is not None:
        raise DiscoveryError(fault)
    address = issuer.removesuffix("/") + WELL_KNOWN
    try:
        answer = await call(
            own_issuer, "GET", address, headers={"Accept": "application/json"}, most_bytes=_MOST_BYTES
        )  # fmt: skip
    except OutgoingError as error:
        raise DiscoveryError(f"The provider's metadata could not be read: {error}") from error
    if answer.status != 200:
        raise DiscoveryError(f"{address} answered with status {answer.status}: check the issuer.")
    return judged(_object(answer.body, address), issuer, own_issuer)


def issuer_fault(issuer: str, own_issuer: str) -> str | None:
    """Why this can be nobody's issuer (OpenID Connect Discovery section 2), as one sentence; None: it can."""
    if "?" in issuer or len(issuer) > 500:
        return "An issuer is an address without a query: write it as the provider states it."
    if issuer.removesuffix("/") == own_issuer:
        return "The issuer is this server's own: write the district's."
    return address_fault(issuer, own_issuer)


def judged(said: Mapping[str, Any], issuer: str, own_issuer: str) -> ProviderMetadata:
    """Pure: the metadata that counts of what was said (Discovery sections 3 and 4.3). Raises DiscoveryError."""
    if said.get("issuer") != issuer:
        raise DiscoveryError(
            f"The provider calls itself {_shown(said.get('issuer'))}: write the issuer exactly as it does."
        )
    endpoints = {name: said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, address in endpoints.items():
        fault = address_fault(address, own_issuer) if isinstance(address, str) else "it states none."
        if fault is not None:
            raise DiscoveryError(f"The provider's {name} can't be used: {fault}")
    if "code" not in _texts(said.get("response_types_supported")):
        raise DiscoveryError("The provider doesn't offer the authorization code flow, the only one that is used here.")
    challenges = said.get("code_challenge_methods_supported")
    if challenges is not None and "S256" not in _texts(challenges):
        raise DiscoveryError("The provider doesn't offer PKCE by S256: ask it for that.")
    algorithms = tuple(sorted(ALGORITHMS.intersection(_texts(said.get("id_token_signing_alg_values_supported")))))
    if not algorithms:
        raise DiscoveryError("The provider signs ID tokens by none of the algorithms that are taken here.")
    return ProviderMetadata(
        str(endpoints["authorization_endpoint"]), str(endpoints["token_endpoint"]), str(endpoints["jwks_uri"]),
        algorithms, _method(said), said.get("authorization_response_iss_parameter_supported") is True,
    )  # fmt: skip


def _method(said: Mapping[str, Any]) -> str:
    """How we prove to be the client; Basic is what goes without saying (Discovery section 3)."""
    offered = said.get("token_endpoint_auth_methods_supported")
    if offered is None or _BASIC in _texts(offered):
        return _BASIC
    if _POST in _texts(offered):
        return _POST
    raise DiscoveryError("The provider takes no client secret at its token endpoint, which is what is registered here.")


def _object(body: bytes, address: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DiscoveryError(f"{address} did not answer with JSON: check the issuer.") from error
    if not isinstance(found, dict):
        raise DiscoveryError(f"{address} did not answer with an object: check the issuer.")
    return cast(Mapping[str, Any], found)


def _texts(value: object) -> list[str]:
    return [one for one in cast(list[object], value) if isinstance(one, str)] if isinstance(value, list) else []


def _shown(value: object) -> str:
    return repr(value)[:200]
