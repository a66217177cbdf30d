"""The page behind a single-use link on which a password is chosen: an invitation's, and a reset's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gateway.csrf import checked_form
from gateway.federation.offer import offered
from gateway.pages import render
from gateway.signin.choosing import Chosen, fault_of, new_hash
from gateway.signin.open_links import open_link
from gateway.signin.password_minimum import profile_for
from gateway.signin.password_profiles import PasswordProfile
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.accounts import AccountAction, allows
from store.account_links import AccountLink, LinkPurpose


@dataclass(frozen=True, slots=True)
class LinkPage:
    """`form` and `gone` are templates. `finish` uses the link up and answers; None: another request was faster."""

    purpose: LinkPurpose
    action: AccountAction
    """What the account's state must allow."""
    form: str
    gone: str
    finish: Callable[[Request, AccountLink, bytes, str], Awaitable[Response | None]]
    """Takes the link, its token's hash and the new password's."""

    async def show(self, request: Request) -> Response:
        """GET: the form, or why the link is no good. Opening it uses nothing up: mail scanners open links too."""
        token = request.query_params.get("token", "")
        link = await self._open_link(request, token)
        return self._is_gone(request) if link is None else await self._form(request, link, token)

    async def choose(self, request: Request) -> Response:
        """POST: `finish`'s answer; 422 with the reason when the password is refused; 410 for a dead link."""
        form = await checked_form(request)
        token, password, again = (str(form.get(name) or "") for name in ("token", "password", "again"))
        link = await self._open_link(request, token)
        if link is None:
            return self._is_gone(request)
        about = (link.first_name, link.last_name, link.email or "")
        chosen = Chosen(link.user, password, again, about, await self._profile(request, link))
        fault = await fault_of(request, chosen)
        if fault is not None:
            return await self._form(request, link, token, fault)
        answer = await self.finish(request, link, token_hash(token), await new_hash(request, chosen))
        return self._is_gone(request) if answer is None else answer

    async def _open_link(self, request: Request, token: str) -> AccountLink | None:
        """The link that can be used now; None: unknown, used, expired, or the account's state doesn't allow it."""
        async with gateway_of(request).pool.acquire() as connection:
            link = await open_link(request, connection, token, (self.purpose,))
        return link if link is not None and allows(link.status, self.action) else None

    async def _profile(self, request: Request, link: AccountLink) -> PasswordProfile:
        async with gateway_of(request).pool.acquire() as connection:
            return await profile_for(request, connection, link.user)

    async def _district(self, request: Request, link: AccountLink) -> str:
        """Whose sign-in an invitation may be accepted with, by its address's domain."""
        if self.purpose is not LinkPurpose.INVITATION:
            return ""
        async with gateway_of(request).pool.acquire() as connection:
            found = await offered(connection, link.email or "")
        return found.organization_name if found else ""

    async def _form(self, request: Request, link: AccountLink, token: str, fault: str = "") -> Response:
        context = {
            "name": f"{link.first_name} {link.last_name}",
            "email": link.email or "",
            "token": token,
            "path": request.url.path,
            "error": fault,
            "profile": await self._profile(request, link),
            "district": await self._district(request, link),
        }
        return render(request, self.form, context, status=422 if fault else 200)

    def _is_gone(self, request: Request) -> Response:
        return render(request, self.gone, {}, status=410)
