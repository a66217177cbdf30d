"""GET `/launch/{client_id}`: from the launchpad into a system, in the context of the tab (S4-06)."""

from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import access_of_standing
from gateway.csrf import check_own_page
from gateway.oidc.authorization.launch import PARAMETER, launch
from gateway.refusals import Kind, RefusedError
from gateway.signin.context import context_for
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.facts import UserStatus
from store.relying_parties import find_relying_party

PATH: Final = "/launch/{client_id}"


async def launch_system(request: Request) -> Response:
    """303 to where the relying party begins, with `iss` (OpenID Connect Core section 4) and `launch`.

    Raises RefusedError: NOT_FOUND where nothing is to be opened, FORBIDDEN for another site's page, which would choose
    the role, and for a role that isn't held any more.
    """
    check_own_page(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None or session.standing.status is not UserStatus.ACTIVE:
            onward = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
            return RedirectResponse("/signin?" + urlencode({"next": onward}), status_code=303)
        named: str = request.path_params["client_id"]
        client = await find_relying_party(connection, named) if named.isprintable() else None
        if client is None or not client.active or not client.launch_uri:
            raise RefusedError(Kind.NOT_FOUND, "No system that can be opened from here has this name.")
        access = await access_of_standing(request, connection, session.standing)
        context = context_for(request, session.active, access, gateway.packs.current)
        token = await launch(request, connection, session, client, context)
    return RedirectResponse(
        _with(client.launch_uri, {"iss": gateway.settings.issuer, PARAMETER: token}), status_code=303
    )


def _with(address: str, added: dict[str, str]) -> str:
    parts = urlsplit(address)
    query = urlencode(added)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))
