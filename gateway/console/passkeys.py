"""`/account/passkeys`: a person's own passkeys: adding one with the browser's help, naming and removing them."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.account_sections import Section, Visit
from gateway.console.answers import inside, rows, text
from gateway.console.changes import refusal
from gateway.console.operations import ask
from gateway.console.shell import for_persons, shell_context, viewer_of
from gateway.csrf import checked_form
from gateway.pages import render
from gateway.refusals import Kind, RefusedError

PATH: Final = "/account/passkeys"
OPTIONS: Final = "/account/passkeys/options"
CHANGE: Final = "/account/passkeys/{id}/{change}"
_DONE: Final = {
    "added": "The passkey is added. From now on you can sign in with it alone.",
    "renamed": "The name is changed.",
    "removed": "The passkey is removed here. Remove it on your device too, so that it isn't offered any more.",
}


@for_persons
async def passkeys(request: Request) -> Response:
    return await _page(request, notice=_DONE.get(request.query_params.get("done", ""), ""))


@for_persons
async def options(request: Request) -> Response:
    """POST: what the browser is to ask an authenticator for, as JSON; 422 with the reason where nothing may be made."""
    await checked_form(request)
    answered = await ask(request, "BeginPasskey")
    error = refusal(answered, "beginPasskey")
    if error:
        return Response(orjson.dumps({"error": error}), status_code=422, media_type="application/json")
    made = text(inside(answered.data, "beginPasskey"), "options")
    return Response(orjson.dumps({"publicKey": orjson.loads(made)}), media_type="application/json")


@for_persons
async def add(request: Request) -> Response:
    """POST: 303 back to the page; 422 with the reason."""
    form = await checked_form(request)
    asked = {"credential": str(form.get("credential") or ""), "name": str(form.get("name") or "")}
    if not asked["credential"]:
        return await _page(request, error="Adding a passkey needs a current browser that runs this page's script.")
    return await _changed(request, refusal(await ask(request, "AddPasskey", {"input": asked}), "addPasskey"), "added")


@for_persons
async def change(request: Request) -> Response:
    """POST: 303 back to the page; 422 with the reason; 404 for a passkey of somebody else, as for none."""
    form = await checked_form(request)
    passkey = request.path_params["id"]
    if request.path_params["change"] == "name":
        asked = {"passkey": passkey, "name": str(form.get("name") or "")}
        error = refusal(await ask(request, "RenamePasskey", {"input": asked}), "renamePasskey")
        return await _changed(request, error, "renamed")
    if request.path_params["change"] == "remove":
        error = refusal(await ask(request, "RemovePasskey", {"input": {"passkey": passkey}}), "removePasskey")
        return await _changed(request, error, "removed")
    raise RefusedError(Kind.NOT_FOUND, "There is no such page.")


async def _changed(request: Request, error: str, done: str) -> Response:
    return await _page(request, error=error) if error else RedirectResponse(f"{PATH}?done={done}", status_code=303)


async def _page(request: Request, *, notice: str = "", error: str = "") -> Response:
    viewer = viewer_of(await ask(request, "Passkeys"))
    context = {
        **shell_context(request, viewer),
        "passkeys": rows(viewer, "passkeys"),
        "reset": viewer["secondFactorReset"],
        "notice": notice,
        "error": error,
    }
    return render(request, "console/passkeys.html", context, status=422 if error else 200, connect=True)


async def _section(request: Request, visit: Visit) -> dict[str, object]:
    return {"passkeys": rows(viewer_of(await ask(request, "Passkeys")), "passkeys")}


SECTION: Final = Section("passkeys", "Passkeys", "console/account/passkeys.html", _section)
