"""A sign-in that waits for its second step: behind a cookie of its own, for minutes, granting nothing."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.cookies import Cookie, clear_cookie, read_cookie, set_cookie
from gateway.signin.assurance import AAL2, Proof, acr_of, with_factor
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from store.database import Connection
from store.pending_sign_ins import NewPending, Pending, Step, begin_pending, present_pending, use_up_pending

LIFE: Final = timedelta(minutes=15)
"""Long enough to install an authenticator app and for a mail to arrive."""
SECOND_STEP_PATH: Final = "/signin/second-step"
SET_UP_PATH: Final = "/signin/second-step/set-up"
CODE_PATH: Final = "/signin/code"
_PAGES: Final = {Step.SECOND_STEP: SECOND_STEP_PATH, Step.SET_UP: SET_UP_PATH, Step.CODE: CODE_PATH}
_LONGEST_COOKIE: Final = 100


async def wait_for(
    request: Request,
    connection: Connection,
    proof: Proof,
    step: Step,
    onward: str,
    *,
    session: UUID | None = None,
    wanted: bool = False,
) -> tuple[UUID, Response]:
    """The new pending sign-in's id, and 303 to its page with its cookie.

    `session`: the one to become stronger; `wanted`: whoever sent her here asks for a second step.
    """
    gateway = gateway_of(request)
    now, token = gateway.now(), gateway.new_token()
    new = NewPending(
        gateway.new_id(), token_hash(token), proof.user, session, proof.amr, proof.lea, proof.provider, step,
        wanted, proof.by_mail, proof.short_password, proof.old_password, onward, now, now + LIFE,
        proof.at,
    )  # fmt: skip
    await begin_pending(connection, new)
    response = RedirectResponse(_PAGES[step], status_code=303)
    set_cookie(response, gateway.settings, Cookie.PENDING, token, int(LIFE.total_seconds()))
    return new.id, response


async def pending_of(request: Request, connection: Connection) -> Pending | None:
    """The sign-in that waits in this browser; None: there is none, or it is over."""
    gateway = gateway_of(request)
    cookie = read_cookie(request, gateway.settings, Cookie.PENDING)
    if cookie is None or len(cookie) > _LONGEST_COOKIE:
        return None
    return await present_pending(connection, token_hash(cookie), gateway.now())


async def pending_at(request: Request, connection: Connection, step: Step) -> Pending | Response:
    """The sign-in that waits for that step in this browser; or 303 to where the browser should be instead."""
    pending = await pending_of(request, connection)
    if pending is not None and pending.step is step:
        return pending
    return RedirectResponse("/signin" if pending is None else _PAGES[pending.step], status_code=303)


def proof_of(pending: Pending, *amr: str) -> Proof:
    """What was proved before, and now (RFC 8176): as old as the older of both, unless the newer is enough alone."""
    at = None if enough_alone(pending, *amr) else pending.proved_at
    return Proof(
        pending.user, with_factor(pending.amr, *amr), pending.lea, pending.provider, pending.by_mail,
        pending.short_password, pending.old_password, at,
    )  # fmt: skip


def enough_alone(pending: Pending, *amr: str) -> bool:
    """Whether the step proves by itself who she is: a passkey that she had before. One made just now is anybody's."""
    return pending.step is Step.SECOND_STEP and acr_of(amr) == AAL2


async def end_pending(request: Request, connection: Connection, response: Response) -> None:
    """What waits in this browser is over: whatever was proved for it counts for nothing any more."""
    pending = await pending_of(request, connection)
    if pending is not None:
        await use_up_pending(connection, pending.id)
        forget_pending(request, response)


def forget_pending(request: Request, response: Response) -> None:
    clear_cookie(response, gateway_of(request).settings, Cookie.PENDING)
