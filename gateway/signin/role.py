"""POST `/signin/role`: a tab goes on under another of the person's roles, or narrowed to one organization."""

from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.access_cache import access_of_standing
from gateway.csrf import checked_form
from gateway.refusals import Kind, RefusedError
from gateway.signin.context import context_of, text_of
from gateway.signin.next_path import next_path
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from gateway.tab_links import in_context
from policy.facts import UserStatus
from store.sessions import choose_role

PATH: Final = "/signin/role"


async def switch_role(request: Request) -> Response:
    """303 to `next` in the chosen context; tabs that name no role of their own follow, those that do keep theirs.

    Authorizations that exist keep their role, too.
    """
    form = await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        session = await session_of(request, connection)
        if session is None or session.standing.status is not UserStatus.ACTIVE:
            raise RefusedError(Kind.UNAUTHENTICATED, "The session has ended. Sign in again.")
        access = await access_of_standing(request, connection, session.standing)
        chosen = context_of(_named(form), access)
        if chosen is None:
            raise RefusedError(Kind.BAD_USER_INPUT, "You don't hold this role now. Reload the page and choose again.")
        await choose_role(connection, session.id, chosen.role)
    onward = next_path(str(form.get("next") or ""))
    return RedirectResponse(in_context(onward, text_of(chosen)), status_code=303)


def _named(form: FormData) -> str:
    """The role and, where one is chosen, the organization to which it is narrowed."""
    role, place = str(form.get("role") or ""), str(form.get("at") or "")
    return f"{role}@{place}" if place else role
