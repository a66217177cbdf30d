"""Who calls an endpoint for clients: what the request presents, judged by its registration (RFC 6749 section 2.3)."""

import hashlib
import hmac
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from gateway.logging import logger
from gateway.oidc.client.assertion import TYPE, BadAssertionError, check_assertion, named_client, read_assertion
from gateway.oidc.client.foreign_jwt import UnverifiedJwt
from gateway.oidc.errors import InvalidClientError, InvalidRequestError
from gateway.oidc.parameters import Parameters
from gateway.state import gateway_of
from store.database import Connection
from store.relying_parties import RelyingParty, find_relying_party
from store.used_proofs import Proof, use_proofs

_TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105
_log = logger("hallpass.clients")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request says of its client; nothing of it is proven."""

    client_id: str
    method: str
    secret: str | None = field(default=None, repr=False)
    assertion: UnverifiedJwt | None = field(default=None, repr=False)

    @property
    def good_again(self) -> bool:
        """Whether the very same request proves the same once more: an assertion is used up, and nothing is no proof."""
        return self.secret is not None


@dataclass(frozen=True, slots=True)
class Proven:
    """A client that is itself, once the proofs that are good only once have been used up."""

    client: RelyingParty
    proofs: tuple[Proof, ...] = ()


async def authenticate_client(request: HTTPConnection, connection: Connection, form: Parameters) -> RelyingParty:
    """The client of a request to an endpoint for clients: loaded, proven, its assertion used up.

    One statement, and one more where the client proves itself by an assertion. An endpoint that loads the client with
    its own facts calls `credentials_of` before and `prove_client` after that. Raises InvalidClientError (401, the same
    for whatever is wrong) and InvalidRequestError.
    """
    credentials = credentials_of(request.headers, form)
    client = await find_relying_party(connection, credentials.client_id)
    return await prove_client(request, connection, client, credentials)


async def prove_client(
    request: HTTPConnection, connection: Connection, client: RelyingParty | None, credentials: Credentials
) -> RelyingParty:
    """The client as it was loaded by `credentials.client_id`, once it has proven to be itself. Raises as above."""
    proven = judge_client(request, client, credentials)
    if await use_proofs(connection, proven.proofs):
        raise unproven()
    return proven.client


def judge_client(request: HTTPConnection, client: RelyingParty | None, credentials: Credentials) -> Proven:
    """The same without using the proofs up: whoever calls this hands them to `use_proofs` before anything else."""
    if client is None or not client.active or credentials.method != client.auth_method:
        raise unproven()
    if credentials.assertion is not None:
        return Proven(client, (_checked(request, client, credentials.assertion),))
    if client.auth_method != "none" and not _knows_secret(client, credentials):
        raise unproven()
    return Proven(client)


def credentials_of(headers: Headers, form: Parameters) -> Credentials:
    """What the request presents. Raises InvalidRequestError for two mechanisms, InvalidClientError for none."""
    in_form = form.get("client_secret")
    asserted = "client_assertion" in form or "client_assertion_type" in form
    in_headers = headers.getlist("authorization")
    if len(in_headers) + (in_form is not None) + asserted > 1:
        raise InvalidRequestError("The client authenticated in two ways; prove it once.")
    if asserted:
        return _asserted(form)
    if not in_headers:
        client_id = form.get("client_id")
        if client_id is None:
            raise InvalidClientError("The request names no client.", status_code=401)
        return Credentials(client_id, "none" if in_form is None else "client_secret_post", in_form)
    client_id, secret = _basic(in_headers[0])
    if client_id is None or secret is None or not client_id.isprintable():
        raise InvalidClientError(
            "The Authorization header is not HTTP Basic with client id and secret.", status_code=401
        )
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequestError("The Authorization header and client_id name two clients.")
    return Credentials(client_id, "client_secret_basic", secret)


def unproven() -> InvalidClientError:
    """The one answer to an unknown client, a wrong secret or assertion and a wrong method."""
    return InvalidClientError("Client authentication failed.", status_code=401)


def secret_hash(secret: str) -> bytes:
    """How secrets are kept. They are 256 random bits, so that a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()


def _checked(request: HTTPConnection, client: RelyingParty, assertion: UnverifiedJwt) -> Proof:
    gateway = gateway_of(request)
    issuer = gateway.settings.issuer
    audiences = {issuer}
    if not client.require_par:  # who keeps to FAPI 2.0 names the issuer alone (section 5.3.2.1); others, as Core 9 says
        audiences |= {issuer + _TOKEN_PATH, issuer + request.scope["path"]}
    try:
        return check_assertion(assertion, client, audiences, gateway.now())
    except BadAssertionError as error:
        _log.info("a client assertion was refused", client=client.client_id, reason=str(error))
        raise unproven() from error


def _knows_secret(client: RelyingParty, credentials: Credentials) -> bool:
    presented = secret_hash(credentials.secret or "")
    return any(hmac.compare_digest(presented, known) for known in client.secret_hashes)


def _asserted(form: Parameters) -> Credentials:
    """RFC 7521 section 4.2: `client_id` may be left out, but names the same client."""
    if form.get("client_assertion_type") != TYPE:
        raise InvalidClientError(f"client_assertion_type must be {TYPE}.", status_code=401)
    try:
        jwt = read_assertion(form.get("client_assertion", ""))
        client_id = named_client(jwt)
    except BadAssertionError as error:
        _log.info("a client assertion was refused", reason=str(error))
        raise unproven() from error
    if form.get("client_id", client_id) != client_id:
        raise unproven()
    return Credentials(client_id, "private_key_jwt", assertion=jwt)


def _basic(header: str) -> tuple[str | None, str | None]:
    """Id and secret of HTTP Basic, each of which was percent-encoded before (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return (unquote(client_id), unquote(secret)) if colon else (None, None)
