"""POST `/account/address`: a person asks for another e-mail address, to be confirmed from both (accounts 3)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.account import account_page
from gateway.console.account_sections import Typed
from gateway.console.answers import inside
from gateway.console.changes import refusal
from gateway.console.operations import ask
from gateway.console.shell import for_persons, viewer_of
from gateway.csrf import checked_form

PATH: Final = "/account/address"


@for_persons
async def change_address(request: Request) -> Response:
    """303 to the account page; 422 with the reason where the address is refused."""
    form = await checked_form(request)
    typed = str(form.get("email") or "")
    viewer = viewer_of(await ask(request, "Account"))
    asked = {"user": inside(viewer, "user", "id"), "email": typed, "expectedVersion": inside(viewer, "user", "version")}
    error = refusal(await ask(request, "RequestEmailChange", {"input": asked}), "requestEmailChange")
    if error:
        return await account_page(request, Typed(email=typed, error_of_email=error))
    return RedirectResponse("/account?asked=address", status_code=303)
