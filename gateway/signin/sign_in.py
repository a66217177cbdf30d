"""`/signin`: address and password in, a new session or its next step out; the same answer for whatever is wrong."""

from dataclasses import dataclass
from typing import Final

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.checks import CONNECTION_ERRORS
from gateway.csrf import checked_form
from gateway.logging import logger
from gateway.oidc.authorization.sign_in_stamp import stamp_in
from gateway.pages import render
from gateway.signin.assurance import AAL2, PASSWORD, Proof
from gateway.signin.brake import Brake, Refused, headers_of, sentence_of
from gateway.signin.choosing import profile_at
from gateway.signin.devices import LIFE as DEVICE_LIFE
from gateway.signin.devices import device_hashes
from gateway.signin.form_targets import form_targets
from gateway.signin.next_path import START
from gateway.signin.password_minimum import is_short
from gateway.signin.passwords import Verdict, check_password
from gateway.signin.proof import after_proof, stronger
from gateway.signin.sent_here import SentHere
from gateway.signin.sessions import session_of
from gateway.state import Gateway, gateway_of
from policy.accounts import AccountAction, allows
from policy.facts import UserStatus
from store.help_desk import FailedWhy, note_failure
from store.keys_of import email_key
from store.sessions import Session
from store.sign_in import Account, account_by_email, signed_in

_log = logger("hallpass.signin")
PATH: Final = "/signin"
_WRONG: Final = "The e-mail address and password don't match. Check both and try again."
_NOT_ACTIVE: Final = "Your account is not active at the moment. Ask your coordinator, or the help desk."
NOT_FRESH: Final = "not-fresh"
"""`why` of the address: a district's provider didn't say that she had proved herself anew."""
_NOT_FRESH: Final = (
    "The system that you go to asks for a new sign-in, and your district didn't say that you have just signed in "
    "there. Sign in with your password."
)


@dataclass(frozen=True, slots=True)
class _Typed:
    email: str
    password: str
    sent: SentHere


async def sign_in_page(request: Request) -> Response:
    """GET. Somebody who has a session and was not sent here to prove herself again goes on to the start page.

    One whose session had no second step, and who was sent here for that alone (`acr`), is asked for no more; where a
    new proof or another person is asked for besides, that comes first.
    """
    sent = SentHere.read(request.query_params)
    async with gateway_of(request).pool.acquire() as connection, connection.transaction():
        session = await session_of(request, connection) if sent.next == START or sent.acr else None
        if session is not None and session.standing.status is UserStatus.ACTIVE:
            further = (
                await stronger(request, connection, session, sent.next) if _lacks(request, sent, session) else None
            )
            if further is not None:
                return further
            if sent.next == START and not sent.acr:
                return RedirectResponse(START, status_code=303)
        targets = await form_targets(connection, sent.next)
    notice = _NOT_FRESH if request.query_params.get("why") == NOT_FRESH else ""
    return _page(request, _Typed(sent.email, "", sent), targets, notice=notice)


def _lacks(request: Request, sent: SentHere, session: Session) -> bool:
    """Whether a second step is all that the session needs for what the person was sent here for."""
    if not sent.acr or session.acr == AAL2:
        return False
    stamp = stamp_in(gateway_of(request), sent.next)
    return stamp is None or stamp.met_by(session)


async def sign_in(request: Request) -> Response:
    """POST. 303 with a new session's cookie or to what is asked besides, else the page again with 401, or 429.

    An unknown address costs the same statements and the same hash as a known one (ASVS 6.3.8).
    """
    typed = _typed(await checked_form(request))
    gateway, key = gateway_of(request), email_key(typed.email)
    async with gateway.pool.acquire() as connection:
        targets = await form_targets(connection, typed.sent.next)
        since = gateway.now() - DEVICE_LIFE
        account = await account_by_email(connection, key, device_hashes(request), since)
        brake = Brake.of_password(request, key, account.device if account else None)
        refused = await brake.take(request, connection)  # a failure until it succeeds: of many at once each counts
    if refused is not None:
        return _noted(_slow_down(request, typed, targets, refused), gateway, typed, FailedWhy.TOO_MANY)
    verdict = await check_password(gateway.hashing, typed.password, account.password_hash if account else None)
    if account is None or not verdict.right:
        wrong = _page(request, typed, targets, _WRONG, status=401)
        return _noted(wrong, gateway, typed, FailedWhy.WRONG_PASSWORD)
    if not allows(account.status, AccountAction.SIGN_IN):
        inactive = _page(request, typed, targets, _NOT_ACTIVE, status=403)
        return _noted(inactive, gateway, typed, FailedWhy.NOT_ACTIVE)
    entered = await _enter(request, brake, account, verdict, typed)
    return entered or _page(request, typed, targets, _WRONG, status=401)


async def _enter(request: Request, brake: Brake, account: Account, verdict: Verdict, typed: _Typed) -> Response | None:
    """What follows the right password; None: password or status changed while the hash was computed."""
    gateway = gateway_of(request)
    old = profile_at(request).is_too_old(account.password_set_at, gateway.now())
    proof = Proof(
        account.user, (PASSWORD,), short_password=is_short(request, typed.password), old_password=old
    )  # fmt: skip
    async with gateway.pool.acquire() as connection, connection.transaction():
        standing = await signed_in(connection, account, gateway.now(), verdict.new_hash)
        if standing is None:
            return None
        await brake.succeeded(request, connection)
        return await after_proof(
            request, connection, proof, typed.sent.next, second_step=bool(typed.sent.acr), standing=standing
        )


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


def _typed(form: FormData) -> _Typed:
    sent, password = SentHere.read(form, typed="email"), form.get("password")
    return _Typed(sent.email, password if isinstance(password, str) else "", sent)


def _page(
    request: Request,
    typed: _Typed,
    targets: tuple[str, ...],
    error: str = "",
    status: int = 200,
    *,
    notice: str = "",
) -> Response:
    context = {"email": typed.email, "sent": typed.sent, "error": error, "notice": notice}
    return render(request, "signin/sign_in.html", context, status=status, form_targets=targets, connect=True)


def _slow_down(request: Request, typed: _Typed, targets: tuple[str, ...], refused: Refused) -> Response:
    response = _page(request, typed, targets, sentence_of(refused), status=429)
    response.headers.update(headers_of(refused))
    return response
