"""GET and POST `/oauth2/authorize`: a person lets a relying party in, or both learn why not."""

from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import access_of_standing
from gateway.forms import posted_form
from gateway.oidc.authorization.decision import Enter, NoAccess, decide, must_sign_in
from gateway.oidc.authorization.entering import Entering, enter
from gateway.oidc.authorization.entitlement import UNION
from gateway.oidc.authorization.id_token_hint import hinted_person
from gateway.oidc.authorization.launch import PARAMETER as LAUNCH
from gateway.oidc.authorization.launch import launched
from gateway.oidc.authorization.page import no_access_page, role_page, unreturnable_page
from gateway.oidc.authorization.pushed import resolved
from gateway.oidc.authorization.request import (
    AuthorizationRequest,
    ReturnAddress,
    UnreturnableError,
    authorization_request,
    return_address,
)
from gateway.oidc.authorization.sign_in_stamp import AUTHORIZE, Stamp, stamp_of, stamped
from gateway.oidc.authorization.sign_in_stamp import PARAMETER as STAMP
from gateway.oidc.consent.form import ConsentForm
from gateway.oidc.consent.page import Wanted, consent_page
from gateway.oidc.errors import (
    AccessDeniedError,
    InvalidRequestError,
    LoginRequiredError,
    OAuth2Error,
    error_parameters,
)
from gateway.oidc.parameters import Parameters
from gateway.signin.active_role import acting_role
from gateway.signin.next_path import next_path
from gateway.signin.second_step_pending import end_pending
from gateway.signin.sent_here import SentHere
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.grant import Access, narrowed_to_place
from store.database import Connection
from store.relying_parties import find_relying_party
from store.sign_in import person_record

PATH: Final = AUTHORIZE
_NO_ROLE: Final = "The person has no active role in these systems."


async def authorize(request: Request) -> Response:
    """RFC 6749 section 4.1 with PKCE (RFC 7636), `iss` in every answer (RFC 9207), resource (RFC 8707), RFC 9396."""
    return await answered(request, await _parameters(request))


async def answered(request: Request, parameters: Parameters, allowed: bytes | None = None) -> Response:
    """The answer to an authorization request. `allowed`: what the person was shown and has just allowed."""
    async with gateway_of(request).pool.acquire() as connection:
        client_id = parameters.get("client_id", "")
        client = await find_relying_party(connection, client_id) if client_id.isprintable() else None
        try:
            found = await resolved(connection, parameters, gateway_of(request).now())
            back = return_address(found.parameters, client)
        except UnreturnableError as error:
            return unreturnable_page(request, str(error))
        if request.method == "POST" and allowed is None and not parameters.repeated:
            # another site's form brings no SameSite=Lax cookie; following this redirect does
            return RedirectResponse(own_address(parameters), status_code=303)
        gateway = gateway_of(request)
        try:
            sent = stamp_of(gateway.secret_key, parameters, gateway.now())
            after = sent.sent if sent else None
            asked = authorization_request(
                found.parameters, back.client, gateway.settings.issuer, signed_in_after=after, pushed=found.pushed
            )
            return await _answer(request, connection, asked, back, parameters, allowed)
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
    request: Request,
    connection: Connection,
    asked: AuthorizationRequest,
    back: ReturnAddress,
    parameters: Parameters,
    allowed: bytes | None,
) -> Response:
    gateway = gateway_of(request)
    session = await session_of(request, connection)
    hinted = await hinted_person(request, connection, asked)
    if must_sign_in(asked, session, hinted, gateway.now()) or session is None:
        chooses = "select_account" in asked.prompts
        chooses = chooses or (session is not None and hinted not in (None, session.standing.user))
        stamp = Stamp(gateway.now(), asked.oldest_proof, chooses)
        return await _to_sign_in(request, connection, _sign_in_address(request, parameters, asked, stamp), stamp)
    access = await access_of_standing(request, connection, session.standing)
    named = parameters.get(LAUNCH) or asked.launch
    launch = await launched(request, connection, session, asked.client, named, access)
    place = launch.place if launch and asked.client.role_mode != UNION else None
    issuer = gateway.settings.issuer
    chosen = launch.role if launch else acting_role(session.active, access, gateway.packs.current)
    here = narrowed_to_place(access, place)
    outcome = decide(asked, here, chosen, issuer=issuer, version=session.standing.version)
    if isinstance(outcome, Enter):
        entering = Entering(asked, session, outcome.entitled, place, launch, allowed)
        return await _enter(request, connection, entering, here, back, parameters)
    leave = answer_address(issuer, back, error_parameters(AccessDeniedError(_NO_ROLE)))
    if isinstance(outcome, NoAccess):
        return no_access_page(request, asked.client, outcome.held_back, leave)
    again = own_address(parameters)
    return role_page(request, access, asked.client, outcome.roles, next_path=again, leave=leave)


async def _enter(
    request: Request,
    connection: Connection,
    entering: Entering,
    access: Access,
    back: ReturnAddress,
    parameters: Parameters,
) -> Response:
    """A code for the relying party, or the page that asks the person whether it may have what it wants."""
    gateway, issuer = gateway_of(request), gateway_of(request).settings.issuer
    code = await enter(request, connection, entering)
    if code is not None:
        return redirect_back(issuer, back, {"code": code})
    person = await person_record(connection, entering.session.standing.user)
    if person is None:
        raise LoginRequiredError("The person has signed out.")
    leave = answer_address(issuer, back, error_parameters(AccessDeniedError("The person refused.")))
    asked_with = tuple(parameters.items())
    form = ConsentForm(entering.session.id, asked_with, leave, entering.shown, gateway.now())
    return consent_page(request, Wanted(entering.asked, entering.entitled, access, person), form)


def own_address(parameters: Parameters) -> str:
    """This request as an address of ours, to come back to."""
    return f"{PATH}?{urlencode(dict(parameters))}"


async def _to_sign_in(request: Request, connection: Connection, address: str, stamp: Stamp) -> Response:
    """303. Where a new proof is asked for, a sign-in that waits in this browser is over: it began before that."""
    response = RedirectResponse(address, status_code=303)
    if stamp.chooses or stamp.max_age is not None:
        await end_pending(request, connection, response)
    return response


def _sign_in_address(request: Request, parameters: Parameters, asked: AuthorizationRequest, stamp: Stamp) -> str:
    """The sign-in page, which leads back here; the stamp shows that what asked for the sign-in was done.

    Raises InvalidRequestError for a request so long that it couldn't lead back.
    """
    again = dict(parameters)
    again[STAMP] = stamped(gateway_of(request).secret_key, again, stamp)
    onward = f"{PATH}?{urlencode(again)}"
    if next_path(onward) != onward:
        raise InvalidRequestError("The request is too long to come back to after a sign-in; send less in it.")
    hints = {"login_hint": asked.login_hint, "acr": asked.acr, "ui_locales": asked.ui_locales}
    return SentHere.read({"next": onward, **hints}).address("/signin")
