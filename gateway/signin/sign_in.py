"""`/signin`: address and password in, a new session out; the same answer for whatever is wrong."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.checks import CONNECTION_ERRORS
from gateway.csrf import checked_form
from gateway.logging import logger
from gateway.pages import render
from gateway.signin.account_addresses import CHOOSE_PATH, LIFE
from gateway.signin.assurance import PASSWORD, Proof
from gateway.signin.brake import Brake
from gateway.signin.choosing import profile_at
from gateway.signin.form_targets import form_targets
from gateway.signin.next_path import START, next_path
from gateway.signin.passwords import Verdict, check_password
from gateway.signin.proof import after_proof
from gateway.signin.sessions import session_of, token_hash
from gateway.state import Gateway, gateway_of
from policy.accounts import AccountAction, allows
from policy.facts import UserStatus
from store.account_links import LinkPurpose, insert_link
from store.help_desk import FailedWhy, note_failure
from store.keys_of import email_key
from store.sign_in import Account, account_by_email, is_still_the_same, signed_in

_log = logger("hallpass.signin")
PATH: Final = "/signin"
_WRONG: Final = "The e-mail address and password don't match. Check both and try again."
_NOT_ACTIVE: Final = "Your account is not active at the moment. Ask your coordinator, or the help desk."
_LONGEST_ADDRESS: Final = 320


@dataclass(frozen=True, slots=True)
class _Typed:
    email: str
    password: str
    next: str


async def sign_in_page(request: Request) -> Response:
    """GET. Somebody who has a session and was not sent here to prove herself again goes on to the start page."""
    onward = next_path(request.query_params.get("next"))
    async with gateway_of(request).pool.acquire() as connection:
        session = await session_of(request, connection) if onward == START else None
        if session is not None and session.standing.status is UserStatus.ACTIVE:
            return RedirectResponse(START, status_code=303)
        targets = await form_targets(connection, onward)
    return _page(request, _Typed(request.query_params.get("login_hint", "")[:_LONGEST_ADDRESS], "", onward), targets)


async def sign_in(request: Request) -> Response:
    """POST. 303 to `next` with a new session cookie, else the page again with 401, or 429 for too many failures."""
    typed = _typed(await checked_form(request))
    gateway = gateway_of(request)
    brake, key = brake_of(request), _brake_key(request, typed.email)
    async with gateway.pool.acquire() as connection:
        targets = await form_targets(connection, typed.next)
        waiting = brake.wait(key, gateway.now())
        if waiting > timedelta(0):
            return _noted(_slow_down(request, typed, targets, waiting), gateway, typed, FailedWhy.TOO_MANY)
        brake.failed(key, gateway.now())  # until it succeeds: of attempts at the same time each one counts
        account = await account_by_email(connection, email_key(typed.email))
    verdict = await check_password(gateway.hashing, typed.password, account.password_hash if account else None)
    if account is None or not verdict.right:
        wrong = _page(request, typed, targets, _WRONG, status=401)
        return _noted(wrong, gateway, typed, FailedWhy.WRONG_PASSWORD)
    brake.succeeded(key)
    if not allows(account.status, AccountAction.SIGN_IN):
        inactive = _page(request, typed, targets, _NOT_ACTIVE, status=403)
        return _noted(inactive, gateway, typed, FailedWhy.NOT_ACTIVE)
    if profile_at(request).is_too_old(account.password_set_at, gateway.now()):
        chosen_anew = await _to_a_new_password(request, account)
        return chosen_anew or _page(request, typed, targets, _WRONG, status=401)
    entered = await _enter(request, account, verdict, typed.next)
    return entered or _page(request, typed, targets, _WRONG, status=401)


def brake_of(request: Request) -> Brake:
    """The one brake of this process."""
    state = request.app.state
    if not hasattr(state, "sign_in_brake"):
        state.sign_in_brake = Brake()
    brake: Brake = state.sign_in_brake
    return brake


async def _enter(request: Request, account: Account, verdict: Verdict, onward: str) -> Response | None:
    """What follows the right password; None: password or status changed while the hash was computed."""
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection, connection.transaction():
        if not await signed_in(connection, account, gateway.now(), verdict.new_hash):
            return None
        return await after_proof(request, connection, Proof(account.user, (PASSWORD,)), onward)


def _noted(response: Response, gateway: Gateway, typed: _Typed, why: FailedWhy) -> Response:
    """Noted for the help desk once the answer is on its way, so that its time tells nothing of the account."""
    response.background = BackgroundTask(_note, gateway, email_key(typed.email), why)
    return response


async def _note(gateway: Gateway, key: str, why: FailedWhy) -> None:
    try:
        async with gateway.pool.acquire() as connection:
            await note_failure(connection, key, why, gateway.now())
    except CONNECTION_ERRORS as error:
        _log.warning("a failed sign-in wasn't noted", reason=type(error).__name__)


async def _to_a_new_password(request: Request, account: Account) -> Response | None:
    """Whoever knows the password that became too old may choose the next one, by a link as a reset's.

    None: the account has another one since it was read, or isn't active any more.
    """
    gateway = gateway_of(request)
    token, now = gateway.new_token(), gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        if not await is_still_the_same(connection, account):
            return None
        purpose = LinkPurpose.RESET
        await insert_link(
            connection, token_hash(token), account.user, purpose=purpose, now=now, expires_at=now + LIFE[purpose]
        )
    return RedirectResponse(f"{CHOOSE_PATH}?token={token}", status_code=303)


def _typed(form: FormData) -> _Typed:
    def text(name: str) -> str:
        value = form.get(name)
        return value if isinstance(value, str) else ""

    email = text("email").strip()[:_LONGEST_ADDRESS].replace("\x00", "")
    return _Typed(email, text("password"), next_path(text("next")))


def _page(request: Request, typed: _Typed, targets: tuple[str, ...], error: str = "", status: int = 200) -> Response:
    context = {"email": typed.email, "next": typed.next, "error": error}
    return render(request, "signin/sign_in.html", context, status=status, form_targets=targets, connect=True)


def _slow_down(request: Request, typed: _Typed, targets: tuple[str, ...], waiting: timedelta) -> Response:
    seconds = int(waiting.total_seconds()) + 1
    sentence = f"Too many attempts with this address. Wait {seconds} seconds, then try again."
    response = _page(request, typed, targets, sentence, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _brake_key(request: Request, email: str) -> str:
    """Account and caller together: nobody can lock another person out from elsewhere (behind one proxy all are one)."""
    return f"{email_key(email)} {request.client.host if request.client else ''}"
