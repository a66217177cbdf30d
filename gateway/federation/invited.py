"""POST `/signin/invitation/district`: an invitation is accepted with the sign-in of the invited person's district."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.federation.offer import offered
from gateway.federation.ways import Wanted, give_browser, set_out
from gateway.pages import render
from gateway.signin.open_links import open_link
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from policy.federation import KINDS
from store.account_links import LinkPurpose
from store.database import Connection
from store.identity_links import Purpose
from store.identity_providers import ProviderRecord, provider_by_id

PATH: Final = "/signin/invitation/district"


async def accept_with_district(request: Request) -> Response:
    """A page that leads to the provider; 410 for a link that is no good, or whose address has no district's sign-in."""
    form = await checked_form(request)
    token = str(form.get("token") or "")
    async with gateway_of(request).pool.acquire() as connection:
        provider = await _provider(request, connection, token)
        if provider is None:
            return render(request, "signin/invitation_gone.html", {}, status=410)
        wanted = Wanted(Purpose.INVITATION, invitation=token_hash(token))
        way = await set_out(request, connection, provider, wanted)
    context = {"address": way.address, "district": provider.organization_name, "label": KINDS[provider.kind].label}
    response = render(request, "signin/district_onward.html", context)
    give_browser(request, response, way)
    return response


async def _provider(request: Request, connection: Connection, token: str) -> ProviderRecord | None:
    """The provider of the invited address's domain. Opening or using this uses nothing of the invitation up."""
    link = await open_link(request, connection, token, (LinkPurpose.INVITATION,))
    if link is None or not link.email or not allows(link.status, AccountAction.ACCEPT_INVITATION):
        return None
    found = await offered(connection, link.email)
    return await provider_by_id(connection, found.id) if found else None
