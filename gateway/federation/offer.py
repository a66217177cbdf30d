"""`/signin/district`: which district's sign-in an e-mail domain has, and the way there; no account is looked at."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.federation.ways import Wanted, give_browser, set_out
from gateway.pages import render
from gateway.signin.next_path import START
from gateway.signin.sent_here import SentHere
from gateway.state import gateway_of
from resolvers.references import read_id
from store.database import Connection
from store.identity_providers import OfferedProvider, ProviderRecord, provider_by_id, provider_of_domain
from store.keys_of import email_key

PATH: Final = "/signin/district"
LAUNCH: Final = "/signin/district/{provider}"


async def district_page(request: Request) -> Response:
    """GET: the form for an address."""
    return _page(request, SentHere.read(request.query_params))


async def offer(request: Request) -> Response:
    """POST: the link to the district's sign-in, or that the domain has none. It depends on the domain alone."""
    sent = SentHere.read(await checked_form(request), typed="email")
    async with gateway_of(request).pool.acquire() as connection:
        found = await offered(connection, sent.email)
    return _page(request, sent, found, asked=True)


async def launch(request: Request) -> Response:
    """GET: 303 to the provider, also from a launch link of the district's portal; 404 where it isn't offered."""
    sent = SentHere.read(request.query_params)
    async with gateway_of(request).pool.acquire() as connection:
        provider = await counting(connection, request.path_params["provider"])
        if provider is None:
            return not_offered(request)
        way = await set_out(request, connection, provider, Wanted.to_sign_in(gateway_of(request), sent))
    response = RedirectResponse(way.address, status_code=303)
    give_browser(request, response, way)
    return response


async def offered(connection: Connection, email: str) -> OfferedProvider | None:
    """The provider of the address's domain."""
    domain = email_key(email).rpartition("@")[2]
    return await provider_of_domain(connection, domain) if domain and "\x00" not in domain else None


async def counting(connection: Connection, identifier: str) -> ProviderRecord | None:
    """The provider through which somebody may sign in now."""
    provider = read_id(identifier)
    found = await provider_by_id(connection, provider) if provider else None
    return found if found is not None and found.counts else None


def not_offered(request: Request) -> Response:
    """Unknown, waiting, disabled: which of them is not said."""
    return render(request, "signin/district_failed.html", {"why": "not-offered", "onward": START}, status=404)


def _page(request: Request, sent: SentHere, found: OfferedProvider | None = None, *, asked: bool = False) -> Response:
    context = {
        "sent": sent,
        "asked": asked,
        "district": found.organization_name if found else "",
        "address": sent.address(f"{PATH}/{found.id}") if found else "",
        "sign_in": sent.address("/signin"),
    }
    return render(request, "signin/district.html", context)
