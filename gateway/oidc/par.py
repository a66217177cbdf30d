"""POST `/oauth2/par`: a client pushes its authorization request and sends the browser with a reference (RFC 9126)."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.answers import error_answer, json_answer, read_form
from gateway.oidc.authorization_request import UnreturnableError, authorization_request, return_address
from gateway.oidc.client_authentication import authenticate_client
from gateway.oidc.dpop import Possession, possession_at_endpoint
from gateway.oidc.errors import InvalidDpopProofError, InvalidRequestError, OAuth2Error
from gateway.oidc.parameters import Parameters
from gateway.oidc.pushed import PREFIX, request_hash
from gateway.oidc.sign_in_stamp import OWN_PARAMETERS
from gateway.state import gateway_of
from store.database import Connection
from store.pushed_requests import PushedRequest, insert_pushed_request
from store.relying_parties import RelyingParty
from store.used_proofs import use_proofs

PATH: Final = "/oauth2/par"
LIFE: Final = timedelta(seconds=90)
"""Until the browser comes with it."""
ANSWERED_WITHIN: Final = timedelta(hours=1)
"""So long the person may take on the way through sign-in, second step and consent."""
_OF_THE_CLIENT: Final = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


async def push(request: Request) -> Response:
    """201 with `request_uri` and `expires_in` (seconds), once the request passed what the authorize endpoint checks."""
    try:
        form = await read_form(request)
        possession = possession_at_endpoint(request)
        async with gateway_of(request).pool.acquire() as connection:
            client = await authenticate_client(request, connection, form)
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
    if possession is not None and await use_proofs(connection, (possession.proof,)):
        raise InvalidDpopProofError("The DPoP proof was used before.")
    kept = PushedRequest(pushed, client.client_id, dict(asked), now + LIFE, now + LIFE + ANSWERED_WITHIN)
    await insert_pushed_request(connection, kept)
    return PREFIX + reference


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
