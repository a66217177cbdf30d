"""`/register/finish`: the mailed link, with which a registration becomes an account or, signed in, a further role."""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.pages import render
from gateway.signin.choosing import Chosen, fault_of, new_hash, profile_at
from gateway.signin.registering import NotGivenError, add_to_account, make_account, may_be_added
from gateway.signin.sessions import session_of, token_hash
from gateway.state import gateway_of
from policy.facts import UserStatus
from policy.ids import UserId
from store.database import Connection
from store.registration import Registration, registration_by_token
from store.sign_in import Account, account_by_email

PATH: Final = "/register/finish"
_LONGEST_TOKEN: Final = 100


async def finish_page(request: Request) -> Response:
    """GET: what is to be done, or why the link is no good. Opening it uses nothing up: mail scanners open links too."""
    token = request.query_params.get("token", "")
    async with gateway_of(request).pool.acquire() as connection:
        link, account = await _link(request, connection, token)
        if link is None:
            return _gone(request)
        if account is not None:
            return await _of_account(request, connection, link, account, token)
    return _form(request, link, token)


async def finish(request: Request) -> Response:
    """POST: 303 to the start page, signed in; 422 with the reason for a refused password; 410 for a dead link."""
    form = await checked_form(request)
    token, password, again = (str(form.get(name) or "") for name in ("token", "password", "again"))
    async with gateway_of(request).pool.acquire() as connection:
        link, account = await _link(request, connection, token)
        if link is None:
            return _gone(request)
        mine = account is not None and await _signed_in_as(request, connection) == account.user
        if account is not None and not mine:
            return await _of_account(request, connection, link, account, token)
    try:
        if account is not None:
            await add_to_account(request, link, token_hash(token), account.user)
            return RedirectResponse("/", status_code=303)
        return await _new_account(request, link, token, password, again)
    except NotGivenError:
        return _gone(request)


async def _new_account(request: Request, link: Registration, token: str, password: str, again: str) -> Response:
    nobody = UserId(link.id)  # no account has it: earlier passwords are looked for in vain
    about = (link.first_name, link.last_name, link.email)
    chosen = Chosen(nobody, password, again, about, profile_at(request))
    fault = await fault_of(request, chosen)
    if fault is not None:
        return _form(request, link, token, fault)
    return await make_account(request, link, token_hash(token), await new_hash(request, chosen))


async def _of_account(
    request: Request, connection: Connection, link: Registration, account: Account, token: str
) -> Response:
    """The address has an account: nothing happens to it before its person is signed in."""
    signed_in = await _signed_in_as(request, connection)
    mine = signed_in == account.user
    context = {
        "email": account.email,
        "token": token,
        "mine": mine,
        "other": signed_in is not None and not mine,
        "possible": mine and await may_be_added(gateway_of(request), connection, link, account.user),
        "sign_in": "/signin?" + urlencode({"next": f"{PATH}?{urlencode({'token': token})}"}),
    }
    return render(request, "signin/register_account.html", context)


async def _signed_in_as(request: Request, connection: Connection) -> UserId | None:
    session = await session_of(request, connection)
    return session.standing.user if session is not None and session.standing.status is UserStatus.ACTIVE else None


async def _link(
    request: Request, connection: Connection, token: str
) -> tuple[Registration, Account | None] | tuple[None, None]:
    """The registration and the account of its address, if there is one.

    None: unknown, used, lapsed, or the LEA's domain isn't open any more. Both are of one moment: whoever uses the link
    at the same time as another never sees it alive beside the account that it has just become.
    """
    if not token or len(token) > _LONGEST_TOKEN:
        return None, None
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        link = await registration_by_token(connection, token_hash(token), gateway_of(request).now())
        return (None, None) if link is None else (link, await account_by_email(connection, link.email_key))


def _form(request: Request, link: Registration, token: str, fault: str = "") -> Response:
    context = {
        "name": f"{link.first_name} {link.last_name}",
        "email": link.email,
        "token": token,
        "error": fault,
        "path": PATH,
        "profile": profile_at(request),
    }
    return render(request, "signin/first_password.html", context, status=422 if fault else 200)


def _gone(request: Request) -> Response:
    return render(request, "signin/register_gone.html", {}, status=410)
