"""`/signin/code`: the code that was sent by e-mail, typed in a browser that isn't known yet."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.brake import Brake, headers_of, sentence_of
from gateway.signin.email_code import DIGITS, LIFE, is_right_code, send_code
from gateway.signin.first_session import must_have
from gateway.signin.form_targets import form_targets
from gateway.signin.second_step import to_sign_in
from gateway.signin.second_step_end import SignInOverError, finish_step
from gateway.signin.second_step_pending import CODE_PATH, SECOND_STEP_PATH, SET_UP_PATH, pending_at
from gateway.state import gateway_of
from store.database import Connection
from store.factors import has_factor
from store.pending_sign_ins import Pending, Step, move_pending_on
from store.sign_in import held_standing

PATH: Final = CODE_PATH
AGAIN_PATH: Final = "/signin/code/again"
_WRONG: Final = "This code isn't right, or is too old. Type the newest one, or ask for another."
_TOO_SOON: Final = "A code was sent just now, or several were. Wait for the mail, or sign in again later."


async def code_page(request: Request) -> Response:
    """GET: says where the code was sent."""
    async with gateway_of(request).pool.acquire() as connection:
        pending = await pending_at(request, connection, Step.CODE)
        return pending if isinstance(pending, Response) else await _page(request, connection, pending)


async def take_code(request: Request) -> Response:
    """POST: 303 onward in a session, or to the second step that is needed or there by now; 401 and 429 for guesses."""
    typed = str((await checked_form(request)).get("code") or "")[:100]
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        pending = await pending_at(request, connection, Step.CODE)
        if isinstance(pending, Response):
            return pending
        brake = Brake.of_code(pending.user)
        refused = await brake.take(request, connection)
        if refused is not None:
            slow = await _page(request, connection, pending, sentence_of(refused), status=429)
            slow.headers.update(headers_of(refused))
            return slow
        if not await is_right_code(gateway, connection, pending.id, typed):
            return await _page(request, connection, pending, _WRONG, status=401)
        await brake.succeeded(request, connection)
        try:
            async with connection.transaction():
                # locks the person, as whoever sets a factor up does: one that was set up meanwhile is seen
                if await held_standing(connection, pending.user) and await has_factor(connection, pending.user):
                    await move_pending_on(connection, pending.id, Step.SECOND_STEP)
                    return RedirectResponse(SECOND_STEP_PATH, status_code=303)
                if pending.wanted or await must_have(request, connection, pending.user):
                    await move_pending_on(connection, pending.id, Step.SET_UP)
                    return RedirectResponse(SET_UP_PATH, status_code=303)
                return await finish_step(request, connection, pending)
        except SignInOverError:
            return to_sign_in(request)


async def send_again(request: Request) -> Response:
    """POST: another code, which makes the one before worthless; 429 where one was sent just now."""
    await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection, connection.transaction():
        pending = await pending_at(request, connection, Step.CODE)
        if isinstance(pending, Response):
            return pending
        sent = await send_code(gateway, connection, pending.id, pending.user, request_id_of(request.scope))
        if not sent:
            return await _page(request, connection, pending, _TOO_SOON, status=429)
        return await _page(request, connection, pending, sent=True)


async def _page(
    request: Request,
    connection: Connection,
    pending: Pending,
    error: str = "",
    *,
    status: int = 200,
    sent: bool = False,
) -> Response:
    context = {
        "email": pending.email, "error": error, "sent": sent, "digits": DIGITS,
        "minutes": int(LIFE.total_seconds()) // 60,
    }  # fmt: skip
    targets = await form_targets(connection, pending.onward)
    return render(request, "signin/code.html", context, status=status, form_targets=targets)
