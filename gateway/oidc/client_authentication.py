"""Who calls the token endpoint: the client's id and secret, judged by its registration (RFC 6749 section 2.3)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from authlib.oauth2.rfc6749.util import extract_basic_authorization

from gateway.oidc.errors import InvalidClientError, InvalidRequestError
from gateway.oidc.parameters import Parameters
from store.relying_parties import RelyingParty

METHODS: Final = ("client_secret_basic", "client_secret_post", "none")


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    method: str
    secret: str | None = field(default=None, repr=False)


def credentials_of(headers: Mapping[str, str], form: Parameters) -> Credentials:
    """What the request presents. Raises InvalidRequestError for two mechanisms, InvalidClientError for none."""
    in_form = form.get("client_secret")
    if "authorization" not in headers:
        client_id = form.get("client_id")
        if client_id is None:
            raise InvalidClientError("The request names no client.", status_code=401)
        return Credentials(client_id, "none" if in_form is None else "client_secret_post", in_form)
    if in_form is not None:
        raise InvalidRequestError("The client authenticated in two ways; send the secret once.")
    client_id, secret = _basic(headers)
    if client_id is None or secret is None or "\x00" in client_id:
        raise InvalidClientError(
            "The Authorization header is not HTTP Basic with client id and secret.", status_code=401
        )
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("The Authorization header and client_id name two clients.")
    return Credentials(client_id, "client_secret_basic", secret)


def authenticated(client: RelyingParty | None, credentials: Credentials) -> RelyingParty:
    """The client, once it is known to be itself. Raises InvalidClientError, equally for whatever is wrong."""
    if (
        client is None
        or not client.active
        or credentials.method != client.auth_method
        or not _proves(client, credentials)
    ):
        raise unproven()
    return client


def unproven() -> InvalidClientError:
    """The one answer to an unknown client, a wrong secret and a wrong method."""
    return InvalidClientError("Client authentication failed.", status_code=401)


def secret_hash(secret: str) -> bytes:
    """How secrets are kept. They are 256 random bits, so that a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()


def _proves(client: RelyingParty, credentials: Credentials) -> bool:
    if client.auth_method == "none":
        return True
    presented = secret_hash(credentials.secret or "")
    return any(hmac.compare_digest(presented, known) for known in client.secret_hashes)


def _basic(headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    try:
        pair = cast(Any, extract_basic_authorization)(headers)
    except ValueError:
        return None, None
    return cast(tuple[str | None, str | None], pair)
