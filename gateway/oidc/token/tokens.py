"""Writes tokens: access tokens (RFC 9068, RFC 9396), ID tokens (OpenID Connect Core 2), within the size that holds."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from gateway.oidc.authorization.entitlement import Entitlement
from gateway.oidc.errors import InvalidAuthorizationDetailsError
from gateway.oidc.keys.verification import ACCESS_TOKEN, ASSESSMENT_CLAIMS, ID_TOKEN
from policy.scopes import ASSESSMENT, OPENID, SBAC
from store.authorizations import Authorization
from store.relying_parties import RelyingParty

ACCESS_TOKEN_LIFE: Final = timedelta(minutes=5)
ID_TOKEN_LIFE: Final = timedelta(minutes=5)
LONGEST_JWT: Final = 4096
"""Characters. Longer ones are lost in header limits of proxies and servers."""
NARROWED_TO: Final = "narrowed_to"
"""The claim of an access token with the `authorization_details` that its own request named."""
ASSESSMENT_CLAIMS_PATH: Final = "/oauth2/claims/assessment"


class Signer(Protocol):
    """What makes a compact JWS of claims: a signing key, or what stands for one where nothing is to be signed."""

    def sign(self, claims: Mapping[str, object], typ: str) -> str: ...


class Signers(Protocol):
    def signer(self, alg: str, now: datetime) -> Signer: ...


@dataclass(frozen=True, slots=True)
class Mint:
    """What is needed to write a token: the issuer, its keys, the time, and a source of ids and secrets."""

    issuer: str
    keys: Signers
    now: datetime
    new_id: Callable[[], UUID]
    new_token: Callable[[], str]
    bound_to: str | None = None
    """Thumbprint of the key that access tokens are bound to (RFC 9449); None: whoever has one may use it."""

    def signer(self, alg: str) -> Signer:
        return self.keys.signer(alg, self.now)

    def seconds(self, life: timedelta = timedelta(0)) -> int:
        return int((self.now + life).timestamp())


@dataclass(frozen=True, slots=True)
class IdTokenContext:
    """What an ID token stands beside: the access token, its scope, and the request's nonce (None at a refresh)."""

    access_token: str
    scope: str
    nonce: str | None


def access_token(mint: Mint, client: RelyingParty, root: Authorization, scope: str, entitled: Entitlement) -> str:
    """An access token of a person for one audience.

    Where the entries would make it too long, `"assessment_access_complete": false` stands in their place. What this
    token was narrowed to stands in it either way, so that whoever is told of it later is told no more. Raises
    InvalidAuthorizationDetailsError where that alone is too long.
    """
    claims = _access_claims(mint, client.client_id, str(root.user), root.resource, scope) | {
        "authorization": str(root.id),
        "auth_time": int(root.auth_time.timestamp()),
        "acr": root.acr,
        "amr": list(root.amr),
    }
    if entitled.narrowed_to is not None:
        claims[NARROWED_TO] = list(entitled.narrowed_to)
    key = mint.signer("ES256")
    full = key.sign(
        claims | {"assessment": entitled.context(), "authorization_details": list(entitled.details)}, ACCESS_TOKEN.typ
    )
    if len(full) <= LONGEST_JWT:
        return full
    context = entitled.context(with_organizations=False)
    short = key.sign(claims | {"assessment": context, "assessment_access_complete": False}, ACCESS_TOKEN.typ)
    if len(short) > LONGEST_JWT:
        raise InvalidAuthorizationDetailsError("authorization_details is too long for a token; name less.")
    return short


def system_access_token(mint: Mint, client_id: str, resource: str, scope: str) -> str:
    """An access token of a system for itself (client_credentials)."""
    return mint.signer("ES256").sign(_access_claims(mint, client_id, client_id, resource, scope), ACCESS_TOKEN.typ)


def sis_access_token(mint: Mint, client_id: str, resource: str, scope: str, organization: str) -> str:
    """An access token of an LEA's student information system, for one system and about that LEA alone."""
    claims: dict[str, Any] = {
        "iss": mint.issuer, "sub": client_id, "aud": resource, "client_id": client_id, "iat": mint.seconds(),
        "exp": mint.seconds(ACCESS_TOKEN_LIFE), "jti": str(mint.new_id()), "scope": scope, "organization": organization,
    }  # fmt: skip
    if mint.bound_to is not None:
        claims["cnf"] = {"jkt": mint.bound_to}
    return mint.signer("ES256").sign(claims, ACCESS_TOKEN.typ)


def id_token(
    mint: Mint, client: RelyingParty, root: Authorization, entitled: Entitlement, beside: IdTokenContext
) -> str:
    """An ID token; what would make it too long is left to userinfo, or to a distributed claim (Core 5.6.2)."""
    claims = _personal_claims(mint, client, root) | {
        "auth_time": int(root.auth_time.timestamp()),
        "acr": root.acr,
        "amr": list(root.amr),
        "at_hash": half_hash(beside.access_token),
    }
    if root.session is not None:
        claims["sid"] = str(root.session)  # what a logout token names (OpenID Connect Back-Channel Logout 1.0, 2.1)
    if beside.nonce is not None:
        claims["nonce"] = beside.nonce
    key = mint.signer(client.id_token_alg)
    text = ""
    for further in _further_claims(mint, entitled, beside.scope.split()):
        text = key.sign({**claims, **further}, ID_TOKEN.typ)
        if len(text) <= LONGEST_JWT:
            break
    return text


def _further_claims(mint: Mint, entitled: Entitlement, scope: list[str]) -> Iterator[Mapping[str, Any]]:
    """The claims of the scopes, fullest first; each is whole or absent."""
    full = dict(entitled.further) if SBAC in scope else {}
    shorter = {name: value for name, value in full.items() if not isinstance(value, list)}
    if ASSESSMENT in scope:
        yield full | assessment_claims(entitled)
        yield shorter | assessment_claims(entitled)
        yield shorter | distributed_claims(mint, entitled)
    else:
        yield full
        yield shorter


def assessment_claims(entitled: Entitlement) -> dict[str, Any]:
    """The claims of scope `assessment`."""
    return {"assessment": entitled.context(), "assessment_access": list(entitled.details)}


def distributed_claims(mint: Mint, entitled: Entitlement) -> dict[str, Any]:
    """The same claims, by reference; the relying party fetches them with its access token."""
    return {
        "assessment": entitled.context(with_organizations=False),
        "_claim_names": {"assessment_access": "assessment"},
        "_claim_sources": {"assessment": {"endpoint": mint.issuer + ASSESSMENT_CLAIMS_PATH}},
    }


def assessment_jwt(mint: Mint, client: RelyingParty, root: Authorization, entitled: Entitlement) -> str:
    """The distributed claim: of any length, for this relying party alone."""
    claims = _personal_claims(mint, client, root) | assessment_claims(entitled)
    return mint.signer(client.id_token_alg).sign(claims, ASSESSMENT_CLAIMS.typ)


def token_response(mint: Mint, access: str, scope: str) -> dict[str, Any]:
    """RFC 6749 section 5.1, RFC 9449 section 5."""
    return {
        "access_token": access,
        "token_type": "Bearer" if mint.bound_to is None else "DPoP",
        "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
        "scope": scope,
    }


def person_response(
    mint: Mint, client: RelyingParty, root: Authorization, entitled: Entitlement, *, scope: str, nonce: str | None
) -> dict[str, Any]:
    """A token response with ID token (scope openid) and authorization details (RFC 9396 section 7)."""
    access = access_token(mint, client, root, scope, entitled)
    body = token_response(mint, access, scope) | {"authorization_details": list(entitled.details)}
    if OPENID in scope.split():
        body["id_token"] = id_token(mint, client, root, entitled, IdTokenContext(access, scope, nonce))
    return body


def half_hash(text: str) -> str:
    """`at_hash` (OpenID Connect Core 3.1.3.6); ES256 and RS256 both hash with SHA-256."""
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _personal_claims(mint: Mint, client: RelyingParty, root: Authorization) -> dict[str, Any]:
    """What a JWT about a person for one relying party begins with."""
    return {
        "iss": mint.issuer,
        "sub": str(root.user),
        "aud": client.client_id,
        "iat": mint.seconds(),
        "exp": mint.seconds(ID_TOKEN_LIFE),
    }


def _access_claims(mint: Mint, client_id: str, subject: str, resource: str, scope: str) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": mint.issuer,
        "sub": subject,
        "aud": resource,
        "client_id": client_id,
        "iat": mint.seconds(),
        "exp": mint.seconds(ACCESS_TOKEN_LIFE),
        "jti": str(mint.new_id()),
    }
    if mint.bound_to is not None:
        claims["cnf"] = {"jkt": mint.bound_to}
    if scope:
        claims["scope"] = scope
    return claims
