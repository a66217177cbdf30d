"""GET and POST `/oauth2/authorize`: a person lets a relying party in, or both learn why not."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import access_of_standing
from gateway.forms import posted_form
from gateway.oidc.authorization_decision import Enter, NoAccess, decide, must_sign_in
from gateway.oidc.authorization_page import no_access_page, role_page, unreturnable_page
from gateway.oidc.authorization_request import (
    SIGNED_IN_AFTER,
    AuthorizationRequest,
    ReturnAddress,
    UnreturnableError,
    authorization_request,
    return_address,
)
from gateway.oidc.entitlement import Entitlement
from gateway.oidc.errors import (
    AccessDeniedError,
    InvalidRequestError,
    LoginRequiredError,
    OAuth2Error,
    error_parameters,
)
from gateway.oidc.id_token_hint import hinted_person
from gateway.oidc.parameters import Parameters
from gateway.signin.active_role import acting_role
from gateway.signin.next_path import next_path
from gateway.signin.sessions import session_of, token_hash
from gateway.state import gateway_of
from store.authorizations import Authorization, Code, insert_authorization
from store.database import Connection
from store.relying_parties import find_relying_party
from store.sessions import Session

PATH: Final = "/oauth2/authorize"
CODE_LIFE: Final = timedelta(seconds=60)
AUTHORIZATION_LIFE: Final = timedelta(days=30)
"""The absolute end of its refresh tokens."""


async def authorize(request: Request) -> Response:
    """RFC 6749 section 4.1 with PKCE (RFC 7636), `iss` in every answer (RFC 9207), resource (RFC 8707), RFC 9396."""
    parameters = await _parameters(request)
    async with gateway_of(request).pool.acquire() as connection:
        client_id = parameters.get("client_id", "")
        client = await find_relying_party(connection, client_id) if client_id.isprintable() else None
        try:
            back = return_address(parameters, client)
        except UnreturnableError as error:
            return unreturnable_page(request, str(error))
        if request.method == "POST" and not parameters.repeated:
            # another site's form brings no SameSite=Lax cookie; following this redirect does
            return RedirectResponse(own_address(parameters), status_code=303)
        gateway = gateway_of(request)
        try:
            asked = authorization_request(parameters, back.client, gateway.settings.issuer, gateway.now())
            return await _answer(request, connection, asked, back, parameters)
        except OAuth2Error as error:
            return redirect_back(gateway.settings.issuer, back, error_parameters(error))


def redirect_back(issuer: str, back: ReturnAddress, answer: dict[str, str]) -> Response:
    """303, so that no form is ever sent on (RFC 9700 section 4.12)."""
    return RedirectResponse(answer_address(issuer, back, answer), status_code=303)


def answer_address(issuer: str, back: ReturnAddress, answer: dict[str, str]) -> str:
    """The client's redirect URI with the answer, `state` and `iss`; a query that it is registered with stays."""
    state = {"state": back.state} if back.state is not None else {}
    parts = urlsplit(back.redirect_uri)
    added = urlencode(answer | state | {"iss": issuer})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


async def _parameters(request: Request) -> Parameters:
    if request.method == "POST":
        form = await posted_form(request)
        return Parameters((name, str(value)) for name, value in form.multi_items())
    return Parameters(request.query_params.multi_items())


async def _answer(
    request: Request, connection: Connection, asked: AuthorizationRequest, back: ReturnAddress, parameters: Parameters
) -> Response:
    gateway = gateway_of(request)
    session = await session_of(request, connection)
    hinted = await hinted_person(request, connection, asked)
    if must_sign_in(asked, session, hinted, gateway.now()) or session is None:
        return RedirectResponse(_sign_in_address(request, parameters, asked), status_code=303)
    access = await access_of_standing(request, connection, session.standing)
    issuer = gateway.settings.issuer
    chosen = acting_role(session.active, access, gateway.packs.current)
    outcome = decide(asked, access, chosen, issuer=issuer, version=session.standing.version)
    if isinstance(outcome, Enter):
        code = await _keep(request, connection, asked, session, outcome.entitled)
        return redirect_back(issuer, back, {"code": code})
    refusal = AccessDeniedError("The person has no active role in these systems.")
    leave = answer_address(issuer, back, error_parameters(refusal))
    if isinstance(outcome, NoAccess):
        return no_access_page(request, asked.client, outcome.held_back, leave)
    again = own_address(parameters)
    return role_page(request, access, asked.client, outcome.roles, next_path=again, leave=leave)


async def _keep(
    request: Request, connection: Connection, asked: AuthorizationRequest, session: Session, entitled: Entitlement
) -> str:
    """Store the authorization with its code; the code. Raises LoginRequiredError if the session ended meanwhile."""
    gateway = gateway_of(request)
    now, code = gateway.now(), gateway.new_token()
    root = Authorization(
        id=gateway.new_id(),
        client_id=asked.client.client_id,
        user=session.standing.user,
        session=session.id,
        scope=" ".join(asked.scope),
        resource=asked.resource,
        requested_details=asked.details,
        nonce=asked.nonce,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        active=entitled.active,
        created_at=now,
        expires_at=now + AUTHORIZATION_LIFE,
    )
    kept = Code(token_hash(code), asked.redirect_uri, asked.code_challenge, now + CODE_LIFE)
    if not await insert_authorization(connection, root, kept):
        raise LoginRequiredError("The person has signed out.")
    return code


def own_address(parameters: Parameters) -> str:
    """This request as an address of ours, to come back to."""
    return f"{PATH}?{urlencode(dict(parameters))}"


def _sign_in_address(request: Request, parameters: Parameters, asked: AuthorizationRequest) -> str:
    """The sign-in page, which leads back here; what asked for the sign-in is then fulfilled.

    Raises InvalidRequestError for a request so long that it couldn't lead back.
    """
    now = gateway_of(request).now()
    again = dict(parameters)
    prompts = asked.prompts - {"login", "select_account"}
    again.pop("prompt", None)
    if prompts:
        again["prompt"] = " ".join(sorted(prompts))
    again[SIGNED_IN_AFTER] = str(int(now.timestamp() * 1000))
    onward = f"{PATH}?{urlencode(again)}"
    if next_path(onward) != onward:
        raise InvalidRequestError("The request is too long to come back to after a sign-in; send less in it.")
    hint = {"login_hint": asked.login_hint} if asked.login_hint else {}
    return "/signin?" + urlencode({"next": onward} | hint)
