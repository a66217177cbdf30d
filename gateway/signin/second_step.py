"""`/signin/second-step`: after the first proof the second one, by an authenticator app's code or a recovery code."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.assurance import ONE_TIME
from gateway.signin.brake import Brake, headers_of, sentence_of
from gateway.signin.devices import device_of
from gateway.signin.form_targets import form_targets
from gateway.signin.second_step_end import SignInOverError, finish_step
from gateway.signin.second_step_methods import APP, RECOVERY, methods_of
from gateway.signin.second_step_pending import SECOND_STEP_PATH, forget_pending, pending_at
from gateway.signin.totp import use_totp
from gateway.state import gateway_of
from policy.recovery_codes import recovery_hash
from store.audit import AuditEvent, record
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from store.pending_sign_ins import Pending, Step, try_pending
from store.second_factors import recovery_codes_left, use_recovery_code

PATH: Final = SECOND_STEP_PATH
CANCEL_PATH: Final = "/signin/cancel"
MOST_TRIES: Final = 10
"""Of one pending sign-in; the brake counts over all of them."""
_WRONG: Final = {
    APP.name: "This code isn't right, or was used already. Wait for the next one in the app and type that.",
    RECOVERY.name: "This isn't one of your recovery codes, or it was used already. Each one is good once.",
}


async def second_step_page(request: Request) -> Response:
    """GET: every way that the person has set up."""
    async with gateway_of(request).pool.acquire() as connection:
        pending = await pending_at(request, connection, Step.SECOND_STEP)
        return pending if isinstance(pending, Response) else await _page(request, connection, pending)


async def take_second_step(request: Request) -> Response:
    """POST: 303 onward in a session; 401 with the page for a wrong code, 429 for too many."""
    form = await checked_form(request)
    way = RECOVERY.name if form.get("way") == RECOVERY.name else APP.name
    typed = str(form.get("code") or "")[:100]
    async with gateway_of(request).pool.acquire() as connection:
        pending = await guessing_at(request, connection, Step.SECOND_STEP)
        if isinstance(pending, Response):
            return pending
        try:
            async with connection.transaction():
                done = await _judge(request, connection, pending, way, typed)
        except SignInOverError:
            return to_sign_in(request)
        return done or await _page(request, connection, pending, way, _WRONG[way], status=401)


async def guessing_at(request: Request, connection: Connection, step: Step) -> Pending | Response:
    """The sign-in that waits for that step, once the guess is counted for it and for the person.

    Every method asks it before it judges anything; a Response is the answer where the guess isn't to be looked at.
    """
    pending = await pending_at(request, connection, step)
    if isinstance(pending, Response):
        return pending
    brake = Brake.of_second_step(pending.user, await device_of(request, connection, pending.user))
    refused = await brake.take(request, connection)
    if refused is not None:
        response = await _page(request, connection, pending, error=sentence_of(refused), status=429)
        response.headers.update(headers_of(refused))
        return response
    return pending if await try_pending(connection, pending.id, MOST_TRIES) else to_sign_in(request)


async def step_succeeded(request: Request, connection: Connection, pending: Pending, *amr: str) -> Response:
    """303 onward, in the transaction that used the factor up; wrong guesses are forgotten. Raises SignInOverError."""
    brake = Brake.of_second_step(pending.user, await device_of(request, connection, pending.user))
    await brake.succeeded(request, connection)
    return await finish_step(request, connection, pending, *amr)


async def cancel(request: Request) -> Response:
    """POST: back to the sign-in page; what was proved is forgotten."""
    await checked_form(request)
    return to_sign_in(request)


def to_sign_in(request: Request) -> Response:
    """303: this sign-in is over."""
    response = RedirectResponse("/signin", status_code=303)
    forget_pending(request, response)
    return response


async def _judge(request: Request, connection: Connection, pending: Pending, way: str, typed: str) -> Response | None:
    """What follows the right code; None: it is wrong."""
    gateway = gateway_of(request)
    if way == APP.name:
        right = await use_totp(gateway, connection, pending.user, typed)
    else:
        right = await use_recovery_code(connection, pending.user, recovery_hash(typed), gateway.now())
    if not right:
        return None
    done = await step_succeeded(request, connection, pending, ONE_TIME)
    if way == RECOVERY.name:
        await _tell_of_recovery(request, connection, pending)
    return done


async def _tell_of_recovery(request: Request, connection: Connection, pending: Pending) -> None:
    """NIST SP 800-63B-4 4.2: who gets in by a recovery code is told so."""
    gateway, request_id = gateway_of(request), request_id_of(request.scope) or None
    left = await recovery_codes_left(connection, pending.user)
    order = MailOrder("recovery-code-used", pending.user, {"left": left}, request_id=request_id)
    await queue_mail(connection, gateway.new_id(), order)
    event = AuditEvent(
        "useRecoveryCode", "user", str(pending.user), actor=pending.user, after={"left": left}, request_id=request_id
    )
    await record(connection, event)


async def _page(
    request: Request, connection: Connection, pending: Pending, way: str = "", error: str = "", status: int = 200
) -> Response:
    methods = [
        {"name": one.name, "template": one.template, **await one.load(request, connection, pending)}
        for one in await methods_of(connection, pending.user)
    ]
    context = {"methods": methods, "way": way, "error": error, "email": pending.email}
    targets = await form_targets(connection, pending.onward)
    return render(request, "signin/second_step/page.html", context, status=status, form_targets=targets, connect=True)
