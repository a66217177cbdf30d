"""POST `/oauth2/consent`: the person allows or refuses what the consent page has shown her, and nothing else."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.oidc.authorization.endpoint import answered, own_address
from gateway.oidc.consent.form import ConsentForm, opened_form
from gateway.oidc.consent.page import FIELD
from gateway.refusals import Kind, RefusedError
from gateway.signin.sessions import session_of
from gateway.state import gateway_of

_DAMAGED = "This form was changed on its way. Go back to the system that sent you here and start again."
_EARLIER = "This form belongs to an earlier sign-in. Go back to the system that sent you here and start again."


async def consent(request: Request) -> Response:
    """303 back to the relying party with a code or `access_denied`; the page again where something has changed since.

    Raises RefusedError: FORBIDDEN for a form of another site or session, BAD_USER_INPUT for a changed one.
    """
    sent = await checked_form(request)
    gateway = gateway_of(request)
    form = opened_form(gateway.secret_key, str(sent.get(FIELD) or ""))
    decision = sent.get("decision")
    if form is None or decision not in ("allow", "refuse"):
        raise RefusedError(Kind.BAD_USER_INPUT, _DAMAGED)
    await _check_session(request, form)
    if decision == "refuse":
        return RedirectResponse(form.leave, status_code=303)
    if form.is_late(gateway.now()):
        return RedirectResponse(own_address(form.request()), status_code=303)
    return await answered(request, form.request(), form.shown)


async def _check_session(request: Request, form: ConsentForm) -> None:
    """Raises RefusedError (FORBIDDEN) for a form that was shown in another session."""
    async with gateway_of(request).pool.acquire() as connection:
        session = await session_of(request, connection)
    if session is None or session.id != form.session:
        raise RefusedError(Kind.FORBIDDEN, _EARLIER)
