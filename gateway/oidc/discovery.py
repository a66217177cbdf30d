"""Discovery documents, put together from what is registered: routes, grants, scopes, keys (RFC 8414, RFC 9728)."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import orjson
from authlib.oidc.discovery import OpenIDProviderMetadata
from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.authorization import endpoint as authorize
from gateway.oidc.authorization import pushing as par
from gateway.oidc.authorization.request import PROMPTS, RESPONSE_MODES, RESPONSE_TYPES
from gateway.oidc.client import foreign_jwt
from gateway.oidc.keys import jwks
from gateway.oidc.keys.verification import ID_TOKEN
from gateway.oidc.logout import endpoint as logout
from gateway.oidc.resource import introspect, revoke, userinfo
from gateway.oidc.token import endpoint as token
from gateway.oidc.token import pkce
from gateway.signin.assurance import ACR_VALUES
from gateway.state import gateway_of
from policy.claims import DETAILS_TYPE
from policy.relying_parties import AUTH_METHODS
from policy.scopes import GATEWAY_SCOPES, SCOPES

OPENID_PATH: Final = "/.well-known/openid-configuration"
SERVER_PATH: Final = "/.well-known/oauth-authorization-server"
RESOURCE_PATH: Final = "/.well-known/oauth-protected-resource"
_CACHE_CONTROL: Final = "public, max-age=300"
_OWN_CLAIMS: Final = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid")


async def provider_metadata(request: Request) -> Response:
    """OpenID Connect Discovery 1.0 section 3, which contains RFC 8414's."""
    return _published(provider_document(gateway_of(request).settings.issuer))


async def resource_metadata(request: Request) -> Response:
    """RFC 9728: the gateway as a resource server."""
    return _published(resource_document(gateway_of(request).settings.issuer))


@cache
def provider_document(issuer: str) -> Mapping[str, Any]:
    """The metadata, validated as Authlib reads the standards (plain http is for loopback only)."""
    document: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": issuer + authorize.PATH,
        "token_endpoint": issuer + token.PATH,
        "userinfo_endpoint": issuer + userinfo.PATH,
        "jwks_uri": issuer + jwks.PATH,
        "scopes_supported": list(SCOPES),
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(token.GRANTS),
        "subject_types_supported": ["public"],
        "acr_values_supported": list(ACR_VALUES),
        "id_token_signing_alg_values_supported": sorted(ID_TOKEN.algorithms, reverse=True),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(foreign_jwt.ALGORITHMS),
        "pushed_authorization_request_endpoint": issuer + par.PATH,
        "require_pushed_authorization_requests": False,
        "dpop_signing_alg_values_supported": list(foreign_jwt.ALGORITHMS),
        "introspection_endpoint": issuer + introspect.PATH,
        "introspection_endpoint_auth_methods_supported": [one for one in AUTH_METHODS if one != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(foreign_jwt.ALGORITHMS),
        "revocation_endpoint": issuer + revoke.PATH,
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(foreign_jwt.ALGORITHMS),
        "end_session_endpoint": issuer + logout.PATH,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "code_challenge_methods_supported": list(pkce.METHODS),
        "prompt_values_supported": list(PROMPTS),
        "ui_locales_supported": ["en"],
        "claim_types_supported": ["normal", "distributed"],
        "claims_supported": [*(claim for claims in SCOPES.values() for claim in claims), *_OWN_CLAIMS],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": [DETAILS_TYPE],
        "protected_resources": [issuer],
    }
    if issuer.startswith("https://"):
        OpenIDProviderMetadata(document).validate()
    return document


@cache
def resource_document(issuer: str) -> Mapping[str, Any]:
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "jwks_uri": issuer + jwks.PATH,
        "scopes_supported": sorted(GATEWAY_SCOPES),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(foreign_jwt.ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
        "resource_name": "Hallpass",
    }


def _published(document: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json", headers={"Cache-Control": _CACHE_CONTROL})
