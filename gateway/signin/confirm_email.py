"""`/account/email`: the links of a change of address, which confirm it from the old and new one or stop it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.email_changes import apply_if_ready
from gateway.signin.open_links import open_link
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.facts import UserStatus
from store.account_links import EMAIL_LINKS, AccountLink, LinkPurpose, close_links, consume_one_link
from store.audit import AuditEvent, record
from store.database import Connection
from store.email_changes import (
    EmailChange,
    cancel_email_change,
    confirm_new_address,
    confirm_old_address,
    open_email_change,
)
from store.recipients import ConflictError

_ACTIONS: Final = {
    LinkPurpose.EMAIL_OLD: "confirmOldAddress",
    LinkPurpose.EMAIL_NEW: "confirmNewAddress",
    LinkPurpose.EMAIL_STOP: "stopEmailChange",
}


async def confirm_page(request: Request) -> Response:
    """GET: the form. Opening it confirms nothing: mail scanners open links too."""
    token = request.query_params.get("token", "")
    async with gateway_of(request).pool.acquire() as connection, connection.transaction():
        found = await _open(request, connection, token)
    if found is None:
        return _gone(request)
    link, change = found
    context = {"token": token, "purpose": link.purpose, "change": change, "email": link.email or ""}
    return render(request, "signin/confirm_email.html", context)


async def confirm(request: Request) -> Response:
    """POST: what holds now; 410 for a dead link."""
    token = (await checked_form(request)).get("token")
    typed = token if isinstance(token, str) else ""
    try:
        outcome = await _confirm(request, typed)
    except ConflictError:
        outcome = None  # somebody else has the new address by now
    if outcome is None:
        return _gone(request)
    return render(request, "signin/email_confirmed.html", {"outcome": outcome})


async def _confirm(request: Request, token: str) -> str | None:
    """`stopped`, `applied`, `waits-for-other`, `waits-for-day`; None: the link is dead."""
    gateway = gateway_of(request)
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        found = await _open(request, connection, token)
        if found is None or await consume_one_link(connection, token_hash(token), now) is None:
            return None
        link, change = found
        purpose = LinkPurpose(link.purpose)
        event = AuditEvent(
            _ACTIONS[purpose], "user", str(link.user), after={"change": str(change.id)},
            request_id=request_id_of(request.scope) or None,
        )  # fmt: skip
        await record(connection, event)
        if purpose is LinkPurpose.EMAIL_STOP:
            await cancel_email_change(connection, change.id, now)
            await close_links(connection, link.user, now, EMAIL_LINKS)
            return "stopped"
        await (confirm_old_address if purpose is LinkPurpose.EMAIL_OLD else confirm_new_address)(
            connection, change.id, now
        )
        current = await open_email_change(connection, change.id, now)
        if current is not None and await apply_if_ready(gateway, connection, current):
            await close_links(connection, link.user, now, EMAIL_LINKS)
            return "applied"
        return "waits-for-day" if change.old_lost else "waits-for-other"


async def _open(request: Request, connection: Connection, token: str) -> tuple[AccountLink, EmailChange] | None:
    """The link with its change, locked; None: unknown, used, expired, over, or the account is suspended or gone."""
    link = await open_link(request, connection, token, EMAIL_LINKS)
    if link is None or link.email_change is None or link.status in (UserStatus.SUSPENDED, UserStatus.DELETED):
        return None
    change = await open_email_change(connection, link.email_change, gateway_of(request).now())
    return None if change is None or change.user != link.user else (link, change)


def _gone(request: Request) -> Response:
    return render(request, "signin/email_gone.html", {}, status=410)
