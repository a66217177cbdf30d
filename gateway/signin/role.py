"""POST `/signin/role`: the person acts under another of her roles from now on."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import access_of_standing
from gateway.csrf import checked_form
from gateway.refusals import Kind, RefusedError
from gateway.signin.active_role import role_of_value
from gateway.signin.next_path import next_path
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.facts import UserStatus
from store.sessions import choose_role

PATH: Final = "/signin/role"


async def switch_role(request: Request) -> Response:
    """303 to `next`. Authorizations that exist keep their role; later ones get the new one."""
    form = await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None or session.standing.status is not UserStatus.ACTIVE:
            raise RefusedError(Kind.UNAUTHENTICATED, "The session has ended. Sign in again.")
        access = await access_of_standing(request, connection, session.standing)
        role = role_of_value(access, str(form.get("role") or ""))
        if role is None:
            raise RefusedError(Kind.BAD_USER_INPUT, "You don't hold this role now. Reload the page and choose again.")
        await choose_role(connection, session.id, role)
    return RedirectResponse(next_path(str(form.get("next") or "")), status_code=303)
