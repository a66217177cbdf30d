"""`/signin/reset/choose`: a single-use link with which a person sets a new password; it lives 15 minutes (S0-52)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.brake import password_failures_end
from gateway.signin.choosing import profile_at
from gateway.signin.devices import give_device_cookie, remember
from gateway.signin.link_page import LinkPage
from gateway.signin.sessions import take_cookie
from gateway.state import gateway_of
from policy.accounts import AccountAction
from store.account_links import AccountLink, LinkPurpose, consume_link
from store.audit import AuditEvent, record
from store.keys_of import email_key
from store.outbox import MailOrder, queue_mail
from store.passwords import set_password
from store.sessions import finish_everything


async def _set(request: Request, link: AccountLink, token: bytes, hashed: str) -> Response | None:
    """Every session ends, and the way leads to the sign-in page. None also where the account isn't active any more.

    The link came by mail, as a code for a new browser does: this one is known from now on, and strangers' failures
    with her address count no longer.
    """
    gateway, request_id = gateway_of(request), request_id_of(request.scope) or None
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        if await consume_link(connection, token, now) is None:
            return None
        if not await set_password(connection, link.user, hashed, now, keep=profile_at(request).remembered):
            return None
        await finish_everything(connection, link.user, now, "password")
        await queue_mail(connection, gateway.new_id(), MailOrder("password-changed", link.user, request_id=request_id))
        await password_failures_end(request, connection, email_key(link.email or ""))
        device = await remember(request, connection, link.user)
        event = AuditEvent("choosePassword", "user", str(link.user), actor=link.user, request_id=request_id)
        await record(connection, event)
    response = render(request, "signin/password_set.html", {})
    take_cookie(request, response)
    give_device_cookie(request, response, device)
    return response


PAGE: Final = LinkPage(
    LinkPurpose.RESET, AccountAction.USE_RESET_LINK, "signin/choose_password.html", "signin/reset_gone.html", _set
)
