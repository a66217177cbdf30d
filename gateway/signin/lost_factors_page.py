"""`/account/lost-factors`: the mailed link with which a person confirms that she lost all her factors, or stops it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.observation import request_id_of
from gateway.pages import render
from gateway.signin.lost_factors import apply_if_ready, stop_lost_factors
from gateway.signin.open_links import open_link
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.facts import UserStatus
from store.account_links import FACTOR_LINKS, AccountLink, LinkPurpose, consume_one_link
from store.audit import AuditEvent, record
from store.database import Connection
from store.factor_resets import FactorReset, confirm_factor_reset, open_factor_reset
from store.outbox import MailOrder, queue_mail
from store.recipients import lock_users

CONFIRM: Final = "confirmSecondFactorReset"


async def lost_factors_page(request: Request) -> Response:
    """GET: the form. Opening it does nothing: mail scanners open links too."""
    token = request.query_params.get("token", "")
    async with gateway_of(request).pool.acquire() as connection, connection.transaction():
        found = await _open(request, connection, token)
    if found is None:
        return _gone(request)
    link, reset = found
    zone = gateway_of(request).settings.time_zone
    context = {
        "token": token,
        "may_confirm": link.purpose == LinkPurpose.FACTORS_CONFIRM,
        "effect_at": reset.takes_effect_at.astimezone(zone),
    }
    return render(request, "signin/lost_factors.html", context)


async def decide(request: Request) -> Response:
    """POST: confirmed or stopped, by the button that was pressed; 410 for a dead link."""
    form = await checked_form(request)
    token, choice = (str(form.get(name) or "") for name in ("token", "choice"))
    outcome = await _decide(request, token, confirm=choice == "confirm")
    if outcome is None:
        return _gone(request)
    return render(request, "signin/lost_factors_decided.html", {"outcome": outcome})


async def _decide(request: Request, token: str, *, confirm: bool) -> str | None:
    """`stopped`, `applied`, `waits`; None: the link is dead. Whatever isn't a confirmation stops it."""
    gateway = gateway_of(request)
    request_id = request_id_of(request.scope) or None
    async with gateway.pool.acquire() as connection, connection.transaction():
        found = await _open(request, connection, token)
        now = gateway.now()
        if found is None or await consume_one_link(connection, token_hash(token), now) is None:
            return None
        link, reset = found
        if not confirm or link.purpose != LinkPurpose.FACTORS_CONFIRM:
            await stop_lost_factors(gateway, connection, link.user, how="link", request_id=request_id)
            return "stopped"
        await confirm_factor_reset(connection, reset.id, now)
        await record(connection, _confirmed(link, reset, request_id))
        current = await open_factor_reset(connection, reset.id, now)
        if current is None:
            return None
        if current.is_ready(now):
            return "applied" if await apply_if_ready(gateway, connection, current) else "stopped"
        order = MailOrder("second-factors-confirmed", link.user, {"reset": reset.id}, request_id=request_id)
        await queue_mail(connection, gateway.new_id(), order)
        return "waits"


async def _open(request: Request, connection: Connection, token: str) -> tuple[AccountLink, FactorReset] | None:
    """The link with its reset, locked behind the person; None: unknown, used, over, or the account is suspended."""
    link = await open_link(request, connection, token, FACTOR_LINKS)
    if link is None or link.factor_reset is None or link.status in (UserStatus.SUSPENDED, UserStatus.DELETED):
        return None
    await lock_users(connection, [link.user])
    reset = await open_factor_reset(connection, link.factor_reset, gateway_of(request).now())
    return None if reset is None or reset.user != link.user else (link, reset)


def _confirmed(link: AccountLink, reset: FactorReset, request_id: str | None) -> AuditEvent:
    return AuditEvent(CONFIRM, "user", str(link.user), after={"reset": str(reset.id)}, request_id=request_id)


def _gone(request: Request) -> Response:
    return render(request, "signin/lost_factors_gone.html", {}, status=410)
