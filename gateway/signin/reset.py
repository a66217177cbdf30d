"""`/signin/reset`: whoever forgot a password asks for a link; the same answer in the same time for every address."""

from datetime import timedelta
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.rates import is_too_many
from gateway.signin.brake import Brake, headers_of, sentence_of
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from policy.rates import RESET_MAILS
from store.account_links import LinkPurpose, link_made_since
from store.audit import AuditEvent, record
from store.keys_of import email_key
from store.outbox import MailOrder, queue_mail
from store.sign_in import account_by_email

_LONGEST_ADDRESS: Final = 320
_APART: Final = timedelta(minutes=1)
"""No mail so soon after a link that somebody else had sent."""


async def reset_page(request: Request) -> Response:
    """GET: the form that asks for the address."""
    return render(request, "signin/reset.html", {"error": ""})


async def ask_for_reset(request: Request) -> Response:
    """POST: what to do now, whatever the address. What is done about it begins when the answer is on its way.

    So neither the answer nor its time tells whether there is an account (ASVS 6.3.8).
    """
    typed = (await checked_form(request)).get("email")
    email = (typed if isinstance(typed, str) else "").strip().replace("\x00", "")[:_LONGEST_ADDRESS]
    if not email:
        return render(request, "signin/reset.html", {"error": "Type your e-mail address."}, status=422)
    brake = Brake.of_requests(request, "reset", email_key(email))
    async with gateway_of(request).pool.acquire() as connection:
        refused = await brake.take(request, connection)
    if refused is not None:
        slow = render(request, "signin/reset.html", {"error": sentence_of(refused)}, status=429)
        slow.headers.update(headers_of(refused))
        return slow
    response = render(request, "signin/reset_sent.html", {})
    response.background = BackgroundTask(_send, request, email)
    return response


async def _send(request: Request, email: str) -> None:
    """Active people get a link, all others who have an account the advice to ask their coordinator (S0-21).

    Nobody is told of a mail that isn't sent because there were so many: it would say that there is an account.
    """
    gateway = gateway_of(request)
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        account = await account_by_email(connection, email_key(email))
        if account is None or await link_made_since(connection, account.user, LinkPurpose.RESET, now - _APART):
            return
        if await is_too_many(request, connection, f"reset mails to {account.user}", RESET_MAILS):
            return
        active = allows(account.status, AccountAction.RESET_OWN)
        request_id = request_id_of(request.scope) or None
        template = "password-reset" if active else "password-reset-inactive"
        await queue_mail(connection, gateway.new_id(), MailOrder(template, account.user, request_id=request_id))
        event = AuditEvent(
            "requestReset", "user", str(account.user), actor=account.user, after={"link": active}, request_id=request_id
        )
        await record(connection, event)
