"""`/signin/invitation`: a single-use link with which an invited person sets the first password and is signed in."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.account_addresses import INVITATION_PATH, LIFE, link_address
from gateway.signin.choosing import Chosen, fault_of, new_hash, profile_at
from gateway.signin.sessions import begin_session, give_cookie, token_hash
from gateway.signin.sign_in import role_at_sign_in
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from store.access_version import raise_versions
from store.account_links import AccountLink, LinkPurpose, consume_link, find_link
from store.audit import AuditEvent, record
from store.database import Connection
from store.sign_in import accept_invitation

PATH: Final = INVITATION_PATH
PURPOSE: Final = LinkPurpose.INVITATION
INVITATION_LIFE: Final = LIFE[PURPOSE]
_LONGEST_TOKEN: Final = 100


def invitation_address(issuer: str, token: str) -> str:
    """The link as it is printed or mailed."""
    return link_address(issuer, PURPOSE, token)


async def invitation_page(request: Request) -> Response:
    """GET: the form, or why the link is no good. Opening it uses nothing up: mail scanners open links too."""
    token = request.query_params.get("token", "")
    async with gateway_of(request).pool.acquire() as connection:
        link = await _open_link(request, connection, token)
    return _gone(request) if link is None else _form(request, link, token)


async def accept(request: Request) -> Response:
    """POST: 303 to the start page, signed in; 422 with the reason when the password is refused; 410 for a dead link."""
    form = await checked_form(request)
    token, password, again = (str(form.get(name) or "") for name in ("token", "password", "again"))
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        link = await _open_link(request, connection, token)
    if link is None:
        return _gone(request)
    chosen = Chosen(link.user, password, again, (link.first_name, link.last_name, link.email or ""))
    fault = await fault_of(request, chosen)
    if fault is not None:
        return _form(request, link, token, fault)
    session = await _accept(request, link, token, await new_hash(request, chosen))
    if session is None:
        return _gone(request)
    response = RedirectResponse("/", status_code=303)
    give_cookie(request, response, session)
    return response


async def _accept(request: Request, link: AccountLink, token: str, hashed: str) -> str | None:
    """The new session's cookie; None: another request was faster."""
    gateway = gateway_of(request)
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        if await consume_link(connection, token_hash(token), now) is None:
            return None
        if not await accept_invitation(connection, link.user, hashed, now):
            return None
        active = await role_at_sign_in(gateway, connection, link.user)
        session = await begin_session(request, connection, link.user, active)
        event = AuditEvent(
            "acceptInvitation", "user", str(link.user), actor=link.user, request_id=request_id_of(request.scope)
        )
        await record(connection, event)
        await raise_versions(connection, (link.user,))
    return session


async def _open_link(request: Request, connection: Connection, token: str) -> AccountLink | None:
    """The invitation that can be accepted now; None: unknown, used, expired, or the account is past it."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    link = await find_link(connection, token_hash(token))
    if link is None or link.used or link.purpose != PURPOSE:
        return None
    if not allows(link.status, AccountAction.ACCEPT_INVITATION):
        return None
    return link if gateway_of(request).now() < link.expires_at else None


def _form(request: Request, link: AccountLink, token: str, fault: str = "") -> Response:
    context = {
        "name": f"{link.first_name} {link.last_name}",
        "email": link.email or "",
        "token": token,
        "error": fault,
        "profile": profile_at(request),
    }
    return render(request, "signin/invitation.html", context, status=422 if fault else 200)


def _gone(request: Request) -> Response:
    return render(request, "signin/invitation_gone.html", {}, status=410)
