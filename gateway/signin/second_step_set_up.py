"""`/signin/second-step/set-up`: somebody who must have a second step and has none sets one up before she gets in."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.pages import render
from gateway.signin.assurance import ONE_TIME
from gateway.signin.first_session import must_have
from gateway.signin.form_targets import form_targets
from gateway.signin.second_step import guessing_at, step_succeeded, to_sign_in
from gateway.signin.second_step_codes import codes_page, tell
from gateway.signin.second_step_end import SignInOverError
from gateway.signin.second_step_methods import METHODS
from gateway.signin.second_step_pending import SET_UP_PATH, pending_at
from gateway.signin.totp import qr_svg, vault_of
from gateway.state import Gateway, gateway_of
from resolvers.second_step.set_up import SettingUp, confirm, propose
from store.database import Connection
from store.factors import has_factor
from store.pending_sign_ins import Pending, Step
from store.recipients import lock_users
from store.sessions import finish_weaker

PATH: Final = SET_UP_PATH
WRONG_CODE: Final = "This code isn't right. Wait for the next one in the app and type that."


async def set_up_page(request: Request) -> Response:
    """GET: the QR code and the secret; reloading shows the same."""
    async with gateway_of(request).pool.acquire() as connection, connection.transaction():
        pending = await pending_at(request, connection, Step.SET_UP)
        return pending if isinstance(pending, Response) else await _page(request, connection, pending)


async def set_up(request: Request) -> Response:
    """POST: the recovery codes in a session of their own level; 422 for a wrong code, 429 for too many."""
    typed = str((await checked_form(request)).get("code") or "")[:100]
    async with gateway_of(request).pool.acquire() as connection:
        pending = await guessing_at(request, connection, Step.SET_UP)
        if isinstance(pending, Response):
            return pending
        try:
            async with connection.transaction():
                done = await _confirmed(request, connection, pending, typed)
        except SignInOverError:
            return to_sign_in(request)
        if done is not None:
            return done
        async with connection.transaction():
            return await _page(request, connection, pending, WRONG_CODE, status=422)


async def _confirmed(request: Request, connection: Connection, pending: Pending, typed: str) -> Response | None:
    """The page with the recovery codes, in her new session; None: the code is wrong."""
    gateway = gateway_of(request)
    await lock_users(connection, [pending.user])
    if await has_factor(connection, pending.user):
        return to_sign_in(request)  # set up meanwhile elsewhere: that one is asked for, none is added beside it
    confirmed = await confirm(connection, _setting_up(gateway, pending), typed, gateway.new_token, gateway.now())
    if confirmed is None:
        return None
    await finish_weaker(connection, pending.user, pending.session, gateway.now())
    await tell(request, connection, pending.user, "enrollTotp", "second-step-added")
    done = await step_succeeded(request, connection, pending, ONE_TIME)
    return codes_page(request, confirmed.codes, done)


async def _page(
    request: Request, connection: Connection, pending: Pending, error: str = "", status: int = 200
) -> Response:
    gateway = gateway_of(request)
    token, now = gateway.new_token(), gateway.now()
    proposed = await propose(connection, _setting_up(gateway, pending), pending.email, token, now)
    others = [
        {"name": one.name, "template": one.offer.template, **await one.offer.load(request, connection, pending)}
        for one in METHODS
        if one.offer is not None
    ]
    context = {
        "qr": qr_svg(proposed.address), "secret": proposed.secret, "error": error, "others": others,
        "must": await must_have(request, connection, pending.user),
    }  # fmt: skip
    targets = await form_targets(connection, pending.onward)
    return render(request, "signin/second_step/set_up.html", context, status=status, form_targets=targets, connect=True)


def _setting_up(gateway: Gateway, pending: Pending) -> SettingUp:
    return SettingUp(vault_of(gateway), pending.user, pending.id)
