"""The way to a provider and back as HTTP says it: the authorization request, and the code for an ID token."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

import orjson

from gateway.federation.discovery import ProviderMetadata
from gateway.outgoing import OutgoingError, call

_MOST_BYTES: Final = 65_536
_LONGEST_TOKEN: Final = 16_384


class ExchangeError(Exception):
    """Why the provider gave nothing for a code; for the log, never for the page."""


@dataclass(frozen=True, slots=True)
class ClientHere:
    """The gateway as the provider's client."""

    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Given:
    """What came for the code. The access token is looked at by its hash only and used for nothing."""

    id_token: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)


def authorization_address(metadata: ProviderMetadata, parameters: dict[str, str]) -> str:
    """The provider's authorization endpoint with the request's parameters, beside those that it has itself."""
    separator = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return f"{metadata.authorization_endpoint}{separator}{urlencode(parameters, quote_via=quote)}"


def challenge_of(verifier: str) -> str:
    """RFC 7636 section 4.2, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def exchanged(metadata: ProviderMetadata, client: ClientHere, code: str, verifier: str, own_issuer: str) -> Given:
    """What the provider gives for the code (RFC 6749 section 4.1.3). Raises ExchangeError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if metadata.auth_method == "client_secret_basic":
        headers["Authorization"] = _basic(client)
    else:
        form |= {"client_id": client.client_id, "client_secret": client.secret}
    body = urlencode(form).encode()
    try:
        answer = await call(
            own_issuer, "POST", metadata.token_endpoint, body=body, headers=headers, most_bytes=_MOST_BYTES
        )  # fmt: skip
    except OutgoingError as error:
        raise ExchangeError(str(error)) from error
    said = _object(answer.body)
    if answer.status != 200:
        raise ExchangeError(f"status {answer.status}, error {str(said.get('error'))[:100]!r}")
    id_token, access_token = said.get("id_token"), said.get("access_token")
    if not isinstance(id_token, str) or len(id_token) > _LONGEST_TOKEN:
        raise ExchangeError("the answer has no ID token")
    return Given(id_token, access_token if isinstance(access_token, str) else None)


def _basic(client: ClientHere) -> str:
    """RFC 6749 section 2.3.1: both are form-encoded first."""
    pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ExchangeError("the answer is not JSON") from error
    if not isinstance(found, dict):
        raise ExchangeError("the answer is no object")
    return cast(dict[str, Any], found)
