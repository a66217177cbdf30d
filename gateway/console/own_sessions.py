"""`/account`: where a person is signed in, and signing out there or everywhere."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.account_sections import Section, Visit
from gateway.console.answers import rows, text
from gateway.console.changes import refusal
from gateway.console.operations import ask
from gateway.console.shell import for_persons
from gateway.console.user_agents import device
from gateway.csrf import checked_form
from gateway.refusals import Kind, RefusedError
from policy.second_step import AAL2

PATH: Final = "/account/sessions"
EVERYWHERE: Final = "/account/sessions/all"


@for_persons
async def revoke(request: Request) -> Response:
    """POST: 303 back to the page. Raises RefusedError (NOT_FOUND) for a session that isn't hers or has ended."""
    form = await checked_form(request)
    asked = {"session": str(form.get("session") or "")}
    if refusal(await ask(request, "RevokeSession", {"input": asked}), "revokeSession"):
        raise RefusedError(Kind.NOT_FOUND, "This session has ended already: reload your account's page.")
    return RedirectResponse("/account?done=session#sessions", status_code=303)


@for_persons
async def everywhere(request: Request) -> Response:
    """POST: 303 back to the page, where this session is kept; else to the start page."""
    form = await checked_form(request)
    keep = form.get("keep") == "this"
    error = refusal(await ask(request, "SignOutEverywhere", {"input": {"keepThis": keep}}), "signOutEverywhere")
    if error:
        raise RefusedError(Kind.BAD_USER_INPUT, error)
    return RedirectResponse("/account?done=session#sessions" if keep else "/signin", status_code=303)


async def _load(request: Request, visit: Visit) -> Mapping[str, object]:
    answered = await ask(request, "OwnSessions")
    found = [
        {**one, "device": device(text(one, "userAgent")), "strong": one["acr"] == AAL2}
        for one in rows(answered.data, "viewer", "sessions")
    ]
    return {
        "sessions": sorted(found, key=lambda one: not one["current"]),
        "done": request.query_params.get("done", "") == "session",
    }


SECTION: Final = Section("sessions", "Where you are signed in", "console/account/sessions.html", _load)
