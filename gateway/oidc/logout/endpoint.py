"""GET and POST `/oauth2/logout`: a relying party sends a person here to sign out (RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.forms import posted_form
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.keys.verification import ID_TOKEN, BadTokenError, verified_claims
from gateway.oidc.logout.request import BadLogoutError, LogoutRequest, logout_request, named_client
from gateway.oidc.parameters import Parameters
from gateway.pages import render
from gateway.signin.sessions import take_cookie, unended_session
from gateway.state import gateway_of
from policy.redirects import origin_of
from store.database import Connection
from store.relying_parties import find_relying_party
from store.sessions import Session, finish_session

PATH: Final = "/oauth2/logout"
CONFIRM_PATH: Final = "/oauth2/logout/confirm"
_NOWHERE: Final = LogoutRequest(None, None, None, hinted=False, session=None)


async def logout(request: Request) -> Response:
    """Signs out at once where an ID token of the client proves that it is about this session; else asks the person."""
    parameters = await _parameters(request)
    if request.method == "POST" and not parameters.repeated:
        # another site's form brings no SameSite=Lax cookie; following this redirect does
        return RedirectResponse(f"{PATH}?{urlencode(dict(parameters))}", status_code=303)
    async with gateway_of(request).pool.acquire() as connection:
        try:
            asked = await _asked(request, connection, parameters)
        except BadLogoutError as error:
            return _confirmation(request, _NOWHERE, problem=str(error))
        session = await unended_session(request, connection)
        if session is not None and not _is_about(asked, session):
            return _confirmation(request, asked)
        if session is not None:
            await _end(request, connection, session)
    return _signed_out(request, asked, onward=asked.hinted)


async def confirm(request: Request) -> Response:
    """The person has agreed, on our own page: the session ends, whatever became of the request meanwhile."""
    form = await checked_form(request)
    parameters = Parameters((name, str(value)) for name, value in form.multi_items())
    async with gateway_of(request).pool.acquire() as connection:
        try:
            asked = await _asked(request, connection, parameters)
        except BadLogoutError:
            asked = _NOWHERE
        session = await unended_session(request, connection)
        if session is not None:
            await _end(request, connection, session)
    return _signed_out(request, asked, onward=True)


async def _parameters(request: Request) -> Parameters:
    if request.method == "POST":
        form = await posted_form(request)
        return Parameters((name, str(value)) for name, value in form.multi_items())
    return Parameters(request.query_params.multi_items())


async def _asked(request: Request, connection: Connection, parameters: Parameters) -> LogoutRequest:
    hint = await _hint(request, connection, parameters.get("id_token_hint"))
    client_id = named_client(parameters, hint)
    client = None if client_id is None else await find_relying_party(connection, client_id)
    return logout_request(parameters, client, hint)


async def _hint(request: Request, connection: Connection, token: str | None) -> Mapping[str, Any] | None:
    """The claims of an ID token that this server signed, expired or not. Raises BadLogoutError for any other."""
    if token is None:
        return None
    gateway = gateway_of(request)
    now = gateway.now()
    keys = await key_ring_of(request).at(now, connection)
    try:
        return verified_claims(token, ID_TOKEN, keys, gateway.settings.issuer, now, hint=True)
    except BadTokenError as error:
        raise BadLogoutError("The request's id_token_hint is not an ID token of this server.") from error


def _is_about(asked: LogoutRequest, session: Session) -> bool:
    return asked.hinted and asked.session == session.id


async def _end(request: Request, connection: Connection, session: Session) -> None:
    async with connection.transaction():
        await finish_session(connection, session.id, gateway_of(request).now())


def _confirmation(request: Request, asked: LogoutRequest, problem: str | None = None) -> Response:
    """400 where something is wrong with the request; it then leads nowhere, and the client is not even named."""
    fields = {
        "client_id": asked.client.client_id if asked.client else None,
        "post_logout_redirect_uri": asked.back,
        "state": asked.state,
    }
    context = {
        "system": asked.client.label if asked.client else None,
        "problem": problem,
        "action": CONFIRM_PATH,
        "fields": {name: value for name, value in fields.items() if value is not None},
    }
    origin = origin_of(asked.back) if asked.back else None
    targets = (origin,) if origin else ()
    return render(request, "signin/sign_out.html", context, status=400 if problem else 200, form_targets=targets)


def _signed_out(request: Request, asked: LogoutRequest, *, onward: bool) -> Response:
    """Back to the client, where `onward`: a client that proved nothing and met nobody gets a link for the person."""
    address = asked.return_address
    if address is not None and onward:
        response: Response = RedirectResponse(address, status_code=303)
    else:
        system = asked.client.label if asked.client else None
        response = render(request, "signin/signed_out.html", {"system": system, "back": address})
    take_cookie(request, response)
    return response
