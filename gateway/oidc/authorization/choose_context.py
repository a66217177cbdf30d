"""POST `/oauth2/context`: with which role somebody enters a relying party that her present one doesn't open."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import access_of_standing
from gateway.csrf import checked_form
from gateway.oidc.authorization.launch import PARAMETER, launch
from gateway.refusals import Kind, RefusedError
from gateway.signin.context import context_of
from gateway.signin.next_path import next_path
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.facts import UserStatus
from store.relying_parties import find_relying_party

PATH: Final = "/oauth2/context"


async def choose_context(request: Request) -> Response:
    """303 back to the authorization request, which goes on under the role. No other page changes its role by this.

    Raises RefusedError: UNAUTHENTICATED without a session, BAD_USER_INPUT for a role that isn't held now.
    """
    form = await checked_form(request)
    onward = next_path(str(form.get("next") or ""))
    path, _, query = onward.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None or session.standing.status is not UserStatus.ACTIVE:
            raise RefusedError(Kind.UNAUTHENTICATED, "The session has ended. Sign in again.")
        access = await access_of_standing(request, connection, session.standing)
        context = context_of(str(form.get("role") or ""), access)
        named = asked.get("client_id", "")
        client = await find_relying_party(connection, named) if named.isprintable() else None
        if context is None or client is None:
            raise RefusedError(Kind.BAD_USER_INPUT, "You don't hold this role now. Reload the page and choose again.")
        asked[PARAMETER] = await launch(request, connection, session, client, context)
    return RedirectResponse(f"{path}?{urlencode(asked)}", status_code=303)
