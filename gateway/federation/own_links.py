"""A person's own links to districts' sign-ins: their section of `/account`, making one and removing one."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.account_sections import Section, Visit
from gateway.console.changes import refusal
from gateway.console.operations import ask
from gateway.console.shell import for_persons
from gateway.csrf import checked_form
from gateway.federation.offer import counting, not_offered
from gateway.federation.ways import Wanted, give_browser, set_out
from gateway.pages import render
from gateway.refusals import Kind, RefusedError
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.facts import UserStatus
from policy.federation import KINDS
from policy.managing import RECENT
from policy.second_step import AAL2
from store.database import Connection
from store.factors import has_factor
from store.identity_links import Purpose, links_of, usable_providers
from store.sessions import Session

LINK: Final = "/account/district/link"
UNLINK: Final = "/account/district/unlink"
_PROVE_AGAIN: Final = "/signin?next=/account"


async def link(request: Request) -> Response:
    """POST: a page that leads to the provider; 303 to the sign-in page where the proof isn't fresh or sure enough."""
    form = await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None or session.standing.status is not UserStatus.ACTIVE:
            return RedirectResponse(_PROVE_AGAIN, status_code=303)
        if not await _is_sure(request, connection, session):
            return RedirectResponse(_PROVE_AGAIN, status_code=303)
        provider = await counting(connection, str(form.get("provider") or ""))
        if provider is None:
            return not_offered(request)
        way = await set_out(request, connection, provider, Wanted(Purpose.LINK, session=session.id))
    context = {"address": way.address, "district": provider.organization_name, "label": KINDS[provider.kind].label}
    response = render(request, "signin/district_onward.html", context)
    give_browser(request, response, way)
    return response


@for_persons
async def unlink(request: Request) -> Response:
    """POST: 303 back to the account's page, or to the sign-in page where this session came through the link."""
    form = await checked_form(request)
    answered = await ask(request, "UnlinkIdentity", {"input": {"link": str(form.get("link") or "")}})
    error = refusal(answered, "unlinkIdentity")
    if error:
        raise RefusedError(Kind.NOT_FOUND, error)
    return RedirectResponse("/account#district", status_code=303)


async def _is_sure(request: Request, connection: Connection, session: Session) -> bool:
    """A fresh proof made here, with the second step of whoever has one: a link opens the account as that does."""
    fresh = gateway_of(request).now() - session.auth_time <= RECENT
    if not fresh or session.provider is not None:
        return False
    return session.acr == AAL2 or not await has_factor(connection, session.standing.user)


async def _section(request: Request, visit: Visit) -> Mapping[str, object] | None:
    async with gateway_of(request).pool.acquire() as connection:
        links = await links_of(connection, visit.user)
        linked = {one.provider for one in links}
        others = [one for one in await usable_providers(connection, visit.user) if one.id not in linked]
    if not links and not others:
        return None
    return {"links": links, "others": others, "labels": {kind: terms.label for kind, terms in KINDS.items()}}


SECTION: Final = Section("district", "Your district's sign-in", "console/account/district.html", _section)
