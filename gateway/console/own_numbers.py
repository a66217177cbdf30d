"""POST `/account/numbers`: a person changes her own phone and fax; her name a coordinator (accounts 3)."""

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

PATH: Final = "/account/numbers"


@for_persons
async def change_numbers(request: Request) -> Response:
    """303 to the account page; 422 with the reason where a number is refused."""
    form = await checked_form(request)
    numbers = {name: str(form.get(name) or "").strip() for name in ("phone", "fax")}
    error = "" if numbers["phone"] else "Type the number by which you are reached."
    if not error:
        viewer = viewer_of(await ask(request, "Account"))
        user, version = inside(viewer, "user", "id"), inside(viewer, "user", "version")
        asked = {"user": user, **numbers, "expectedVersion": version}
        error = refusal(await ask(request, "UpdateUser", {"input": asked}), "updateUser")
    if error:
        return await account_page(request, Typed(**numbers, error_of_numbers=error))
    return RedirectResponse("/account?done=numbers", status_code=303)
