"""`/signin/second-step/set-up/passkey`: who must have a second step and has none makes a passkey before she gets in."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.passkey_proof import amr_of
from gateway.signin.passkey_step import bound_to, too_late
from gateway.signin.passkeys import LIFE, new_challenge, options_response
from gateway.signin.second_step import guessing_at, step_succeeded, to_sign_in
from gateway.signin.second_step_end import SignInOverError
from gateway.signin.second_step_pending import SET_UP_PATH, pending_of
from gateway.state import gateway_of
from resolvers.passkeys.authenticators import Named, NotVerifiedError, Site, creation_options, made
from resolvers.passkeys.kept import TEMPLATE, added, new_passkey
from store.audit import record
from store.database import Connection
from store.factors import has_factor
from store.outbox import MailOrder, queue_mail
from store.passkey_ceremonies import Ceremony, Purpose, answered_ceremony, begin_ceremony
from store.passkeys import Passkey, handle_of, insert_passkey
from store.pending_sign_ins import Pending, Step
from store.recipients import lock_users
from store.sessions import finish_weaker

PATH: Final = f"{SET_UP_PATH}/passkey"
OPTIONS_PATH: Final = f"{SET_UP_PATH}/passkey/options"


async def options(request: Request) -> Response:
    """POST: what the page's script hands to the browser, as JSON."""
    await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        pending = await pending_of(request, connection)
        if pending is None or pending.step is not Step.SET_UP or await has_factor(connection, pending.user):
            return too_late()
        now, challenge = gateway.now(), new_challenge(request)
        handle = await handle_of(connection, pending.user, new_challenge(request))
        new = Ceremony(Purpose.ADD, bound_to(pending), challenge, pending.user, now + LIFE)
        await begin_ceremony(connection, new, now)
    name = f"{pending.first_name} {pending.last_name}".strip()
    person = Named(handle, pending.email or name, name)
    return options_response(creation_options(Site.of(gateway.settings.issuer), person, challenge, ()))


async def set_up(request: Request) -> Response:
    """POST: 303 onward in a session; a page that says why not (401), 429 for too many answers."""
    form = await checked_form(request)
    credential, name = (str(form.get(one) or "") for one in ("credential", "name"))
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        pending = await guessing_at(request, connection, Step.SET_UP)
        if isinstance(pending, Response):
            return pending
        ceremony = await answered_ceremony(connection, Purpose.ADD, bound_to(pending), gateway.now())
        new = _made(request, ceremony, pending, credential, name)
        if new is None:
            return _refused(request)
        try:
            async with connection.transaction():
                return await _kept(request, connection, pending, new)
        except SignInOverError:
            return to_sign_in(request)


def _made(request: Request, ceremony: Ceremony | None, pending: Pending, credential: str, name: str) -> Passkey | None:
    gateway = gateway_of(request)
    if ceremony is None or ceremony.user != pending.user:
        return None
    try:
        found = made(Site.of(gateway.settings.issuer), ceremony.challenge, credential)
    except NotVerifiedError:
        return None
    return new_passkey(gateway.new_id(), pending.user, found, name, gateway.now())


async def _kept(request: Request, connection: Connection, pending: Pending, new: Passkey) -> Response:
    """In one transaction with the session that it begins: none is added beside a factor that was set up meanwhile."""
    gateway, request_id = gateway_of(request), request_id_of(request.scope) or None
    await lock_users(connection, [pending.user])
    if await has_factor(connection, pending.user):
        return to_sign_in(request)
    if not await insert_passkey(connection, new):
        return _refused(request)
    await finish_weaker(connection, pending.user, pending.session, gateway.now())
    done = await step_succeeded(request, connection, pending, *amr_of(new))
    await record(connection, added(new, request_id))
    await queue_mail(connection, gateway.new_id(), MailOrder(TEMPLATE, pending.user, request_id=request_id))
    return done


def _refused(request: Request) -> Response:
    context = {"why": "not-made", "next": SET_UP_PATH}
    return render(request, "signin/passkey_refused.html", context, status=401)
