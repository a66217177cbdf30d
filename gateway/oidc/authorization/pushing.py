"""POST `/oauth2/par`: a client pushes its authorization request and sends the browser with a reference (RFC 9126)."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.answers import error_answer, json_answer, read_form
from gateway.oidc.authorization.pushed import PREFIX, request_hash
from gateway.oidc.authorization.request import UnreturnableError, authorization_request, return_address
from gateway.oidc.authorization.sign_in_stamp import OWN_PARAMETERS
from gateway.oidc.client.authentication import authenticate_client
from gateway.oidc.dpop.proof import Possession, possession_at_endpoint
from gateway.oidc.errors import InvalidDpopProofError, InvalidRequestError, OAuth2Error
from gateway.oidc.parameters import Parameters
from gateway.rates import seconds_to_wait
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from policy.rates import PUSHES
from store.database import Connection
from store.pushed_requests import PushedRequest, insert_pushed_request
from store.relying_parties import RelyingParty
from store.used_proofs import use_proofs

PATH: Final = "/oauth2/par"
LIFE: Final = timedelta(seconds=90)
"""Until the browser comes with it."""
READ: Final = frozenset(
    {
        "acr_values", "authorization_details", "claims", "client_id", "code_challenge", "code_challenge_method",
        "dpop_jkt", "id_token_hint", "login_hint", "max_age", "nonce", "prompt", "redirect_uri", "resource",
        "response_mode", "response_type", "scope", "state", "ui_locales",
    }
)  # fmt: skip
"""What the authorize endpoint reads of a request, and so all that is kept of one."""
_MOST_KEPT: Final = 16_384
"""Bytes of names and values."""
_MOST_KEPT_OF_ANYBODY: Final = 4_096
"""Of a client without a secret, in whose name anybody can push; whoever opens a request keeps it for an hour."""
_OF_THE_CLIENT: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


async def push(request: Request) -> Response:
    """201 with `request_uri` and `expires_in` (seconds), once the request passed what the authorize endpoint checks."""
    try:
        form = await read_form(request)
        possession = possession_at_endpoint(request)
        async with gateway_of(request).pool.acquire() as connection:
            client = await authenticate_client(request, connection, form)
            await _check_rate(request, connection, client)
            uri = await _keep(request, connection, client, form, possession)
    except OAuth2Error as error:
        return error_answer(error)
    return json_answer({"request_uri": uri, "expires_in": int(LIFE.total_seconds())}, status=201)


async def _keep(
    request: Request, connection: Connection, client: RelyingParty, form: Parameters, possession: Possession | None
) -> str:
    gateway = gateway_of(request)
    now, reference = gateway.now(), gateway.new_token()
    asked = _checked(form, client, possession)
    pushed = request_hash(reference)
    try:
        return_address(asked, client)
    except UnreturnableError as error:
        raise InvalidRequestError(str(error)) from error
    authorization_request(asked, client, gateway.settings.issuer, pushed=pushed)
    kept = _kept(asked, client)
    if possession is not None and await use_proofs(connection, (possession.proof,)):
        raise InvalidDpopProofError("The DPoP proof was used before.")
    await insert_pushed_request(connection, PushedRequest(pushed, client.client_id, kept, now + LIFE), now)
    return PREFIX + reference


async def _check_rate(request: Request, connection: Connection, client: RelyingParty) -> None:
    """Anybody can push in the name of a client that has no secret. Raises RefusedError THROTTLED (section 2.3)."""
    if client.auth_method != "none":
        return
    wait = await seconds_to_wait(request, connection, "pushes", PUSHES)
    if wait is not None:
        sentence = "Too many requests were pushed from your address. Push again in a minute."
        raise RefusedError(Kind.THROTTLED, sentence, {"Retry-After": str(wait)})


def _kept(asked: Parameters, client: RelyingParty) -> dict[str, str]:
    """Raises InvalidRequestError where it is more than anybody has to ask for."""
    secret = client.auth_method != "none"
    most = _MOST_KEPT if secret else _MOST_KEPT_OF_ANYBODY
    kept = {name: value for name, value in asked.items() if name in READ}
    if sum(len(name) + len(value.encode()) for name, value in kept.items()) > most:
        whose = "" if secret else ", the most for a client without a secret"
        raise InvalidRequestError(f"The request is larger than {most:,} bytes{whose}: send less in it.")
    return kept


def _checked(form: Parameters, client: RelyingParty, possession: Possession | None) -> Parameters:
    """What is asked for, without what proves the client, and with the key that the request came with (RFC 9449 10.1).

    Raises InvalidRequestError, InvalidDpopProofError.
    """
    if "request_uri" in form:
        raise InvalidRequestError("A pushed request can't refer to another one: leave request_uri out.")
    asked = {name: value for name, value in form.items() if name not in _OF_THE_CLIENT | OWN_PARAMETERS}
    asked["client_id"] = client.client_id
    if possession is None:
        return Parameters(asked.items())
    if asked.setdefault("dpop_jkt", possession.thumbprint) != possession.thumbprint:
        raise InvalidDpopProofError("dpop_jkt is not the thumbprint of the DPoP proof's key.")
    return Parameters(asked.items())
