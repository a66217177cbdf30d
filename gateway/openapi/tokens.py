"""The paths with which a system begins: token endpoint, keys and the metadata that names them."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.oidc import discovery
from gateway.oidc.answers import FORM
from gateway.oidc.authorization import pushing as par
from gateway.oidc.authorization.request import RESPONSE_TYPES
from gateway.oidc.client import assertion as client_assertion
from gateway.oidc.keys import jwks
from gateway.oidc.token import endpoint as token
from gateway.openapi.refusals import OAUTH_ERROR, PROBLEM, REQUEST_ID_HEADER, answered, refusals
from gateway.openapi.schemas import (
    WORD,
    Schema,
    described,
    json_content,
    listed,
    members,
    one_of,
    open_members,
    shape_of,
)
from gateway.refusals import Kind

_EXAMPLE_ISSUER: Final = "https://hallpass.example"
_PARAMETERS: Final[Mapping[str, Schema]] = {
    "scope": described(WORD, "`directory.read` for the decision API and GraphQL."),
    "resource": described(WORD, "RFC 8707: whom the token is for; left out, what the scope or the client says."),
    "client_id": described(WORD, "Where the client doesn't authenticate by HTTP Basic."),
    "client_secret": WORD,
    "client_assertion_type": described(WORD, f"`{client_assertion.TYPE}`, with a client assertion."),
    "client_assertion": described(WORD, "A JWT that the client signed (RFC 7523), in place of a secret."),
    "code": described(WORD, "With grant_type authorization_code; so the next two."),
    "redirect_uri": WORD,
    "code_verifier": described(WORD, "RFC 7636."),
    "refresh_token": described(WORD, "With grant_type refresh_token."),
    "authorization_details": described(WORD, "RFC 9396: JSON that narrows."),
}


def token_paths() -> Mapping[str, Any]:
    provider = discovery.provider_document(_EXAMPLE_ISSUER)
    resource = discovery.resource_document(_EXAMPLE_ISSUER)
    return {
        token.PATH: {"post": _token()},
        par.PATH: {"post": _par()},
        jwks.PATH: {"get": _published("jwks", "The public keys (RFC 7517).", _keys(), "application/jwk-set+json")},
        discovery.OPENID_PATH: {
            "get": _published("openidConfiguration", "OpenID Connect Discovery 1.0.", shape_of(provider))
        },
        discovery.SERVER_PATH: {
            "get": _published("authorizationServer", "The same document by RFC 8414's address.", shape_of(provider))
        },
        discovery.RESOURCE_PATH: {
            "get": _published("protectedResource", "The gateway as a resource server (RFC 9728).", shape_of(resource))
        },
    }


def _token() -> Mapping[str, Any]:
    asked = open_members({"grant_type": one_of(token.GRANTS)}, _PARAMETERS)
    granted = answered("The token.", json_content(_granted()))
    refused = refusals(OAUTH_ERROR, Kind.BAD_USER_INPUT, Kind.UNAUTHENTICATED)
    return {
        "operationId": "token",
        "summary": "A token for a system or a person (RFC 6749 section 3.2).",
        "security": [{"client": []}, {}],
        "parameters": [{"$ref": "#/components/parameters/X-Request-ID"}],
        "requestBody": {"required": True, "content": {FORM: {"schema": asked}}},
        "responses": {"200": granted, **refused},
    }


def _par() -> Mapping[str, Any]:
    told = members({"request_uri": WORD, "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds."}})
    asked = open_members({"response_type": one_of(RESPONSE_TYPES)}, {"client_id": WORD, "redirect_uri": WORD})
    return {
        "operationId": "par",
        "summary": "Push an authorization request (RFC 9126); any of its parameters.",
        "security": [{"client": []}, {}],
        "parameters": [{"$ref": "#/components/parameters/X-Request-ID"}],
        "requestBody": {"required": True, "content": {FORM: {"schema": asked}}},
        "responses": {
            "201": answered("The reference to it.", json_content(told)),
            **refusals(OAUTH_ERROR, Kind.BAD_USER_INPUT, Kind.UNAUTHENTICATED, Kind.THROTTLED),
        },
    }


def _granted() -> Schema:
    return members(
        {
            "access_token": WORD,
            "token_type": one_of(("Bearer", "DPoP")),
            "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds."},
            "scope": WORD,
        },
        {"refresh_token": WORD, "id_token": WORD, "authorization_details": listed({"type": "object"})},
    )


def _keys() -> Schema:
    key = {"type": "object", "required": ["kty", "kid", "alg", "use"], "additionalProperties": WORD}
    return members({"keys": listed(key, minItems=1)})


def _published(operation: str, summary: str, schema: Schema, media_type: str = "application/json") -> Mapping[str, Any]:
    found = answered("The document.", json_content(schema, media_type))
    caching = {"Cache-Control": {"description": "How long it may be kept.", "schema": WORD}}
    found["headers"] = REQUEST_ID_HEADER | caching
    content = OAUTH_ERROR if operation == "jwks" else PROBLEM
    return {
        "operationId": operation,
        "summary": summary,
        "security": [],
        "responses": {"200": found, **refusals(content)},
    }
