"""`/signin/reset/choose`: a single-use link with which a person sets a new password; it lives 15 minutes (S0-52)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.choosing import Chosen, fault_of, new_hash, profile_at
from gateway.signin.sessions import take_cookie, token_hash
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from store.account_links import AccountLink, LinkPurpose, consume_link, find_link
from store.audit import AuditEvent, record
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from store.passwords import set_password
from store.sessions import finish_everything

_LONGEST_TOKEN: Final = 100


async def choose_page(request: Request) -> Response:
    """GET: the form, or why the link is no good. Opening it uses nothing up: mail scanners open links too."""
    token = request.query_params.get("token", "")
    async with gateway_of(request).pool.acquire() as connection:
        link = await _open_link(request, connection, token)
    return _gone(request) if link is None else _form(request, link, token)


async def choose(request: Request) -> Response:
    """POST: the way to the sign-in page; 422 with the reason when the password is refused; 410 for a dead link."""
    form = await checked_form(request)
    token, password, again = (str(form.get(name) or "") for name in ("token", "password", "again"))
    async with gateway_of(request).pool.acquire() as connection:
        link = await _open_link(request, connection, token)
    if link is None:
        return _gone(request)
    chosen = Chosen(link.user, password, again, (link.first_name, link.last_name, link.email or ""))
    fault = await fault_of(request, chosen)
    if fault is not None:
        return _form(request, link, token, fault)
    if not await _set(request, link, token, await new_hash(request, chosen)):
        return _gone(request)
    response = render(request, "signin/password_set.html", {})
    take_cookie(request, response)
    return response


async def _set(request: Request, link: AccountLink, token: str, hashed: str) -> bool:
    """False: another request was faster, or the account isn't active any more."""
    gateway, request_id = gateway_of(request), request_id_of(request.scope) or None
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        if await consume_link(connection, token_hash(token), now) is None:
            return False
        if not await set_password(connection, link.user, hashed, now, keep=profile_at(request).remembered):
            return False
        await finish_everything(connection, link.user, now, "password")
        await queue_mail(connection, gateway.new_id(), MailOrder("password-changed", link.user, request_id=request_id))
        event = AuditEvent("choosePassword", "user", str(link.user), actor=link.user, request_id=request_id)
        await record(connection, event)
    return True


async def _open_link(request: Request, connection: Connection, token: str) -> AccountLink | None:
    """The link that can be used now; None: unknown, used, expired, or the account isn't active."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    link = await find_link(connection, token_hash(token))
    if link is None or link.used or link.purpose != LinkPurpose.RESET:
        return None
    if not allows(link.status, AccountAction.USE_RESET_LINK):
        return None
    return link if gateway_of(request).now() < link.expires_at else None


def _form(request: Request, link: AccountLink, token: str, fault: str = "") -> Response:
    context = {
        "email": link.email or "",
        "token": token,
        "error": fault,
        "profile": profile_at(request),
    }
    return render(request, "signin/choose_password.html", context, status=422 if fault else 200)


def _gone(request: Request) -> Response:
    return render(request, "signin/reset_gone.html", {}, status=410)
