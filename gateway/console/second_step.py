"""`/account/second-step`: a person's own authenticator app, recovery codes and known browsers."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.account_sections import Section, Visit
from gateway.console.answers import inside, text
from gateway.console.changes import refusal
from gateway.console.operations import ask
from gateway.console.shell import SignedOutError, for_persons, page, viewer_of
from gateway.csrf import checked_form
from gateway.signin.assurance import AAL2
from gateway.signin.own_factors import own_factors
from gateway.signin.totp import qr_svg

PATH: Final = "/account/second-step"
CODES: Final = "/account/second-step/codes"
REMOVE: Final = "/account/second-step/remove"
FORGET: Final = "/account/second-step/forget"
_DONE: Final = {
    "added": "The app is set up. From now on its code is asked for when you sign in.",
    "removed": "The app is removed here. Remove it on your phone too.",
    "forgotten": "The browser isn't known any more.",
}


@for_persons
async def second_step(request: Request) -> Response:
    """GET: the app with its QR code to set up, what there is already, and the browsers that are known."""
    return await _page(request, notice=_DONE.get(request.query_params.get("done", ""), ""))


@for_persons
async def add(request: Request) -> Response:
    """POST: the recovery codes, or 303 back where there are some already; 422 with the reason."""
    code = str((await checked_form(request)).get("code") or "")
    answered = await ask(request, "EnrollTotp", {"input": {"code": code}})
    error = refusal(answered, "enrollTotp")
    if error:
        return await _page(request, error=error)
    codes: Sequence[str] | None = inside(answered.data, "enrollTotp")["recoveryCodes"]
    return await _codes(request, codes) if codes else _back("added")


@for_persons
async def new_codes(request: Request) -> Response:
    """POST: the new recovery codes, this once; 422 with the reason."""
    await checked_form(request)
    answered = await ask(request, "RegenerateRecoveryCodes")
    error = refusal(answered, "regenerateRecoveryCodes")
    if error:
        return await _page(request, error=error)
    return await _codes(request, inside(answered.data, "regenerateRecoveryCodes")["recoveryCodes"])


@for_persons
async def remove(request: Request) -> Response:
    """POST: 303 back; 422 with the reason."""
    await checked_form(request)
    error = refusal(await ask(request, "RemoveTotp"), "removeTotp")
    return await _page(request, error=error) if error else _back("removed")


@for_persons
async def forget(request: Request) -> Response:
    """POST: 303 back; 422 with the reason, also for a browser of somebody else."""
    asked = {"device": str((await checked_form(request)).get("device") or "")}
    error = refusal(await ask(request, "ForgetDevice", {"input": asked}), "forgetDevice")
    return await _page(request, error=error) if error else _back("forgotten")


def _back(done: str) -> Response:
    return RedirectResponse(f"{PATH}?done={done}", status_code=303)


async def _codes(request: Request, codes: Sequence[str]) -> Response:
    viewer = viewer_of(await ask(request, "Viewer"))
    return page(request, "console/recovery_codes.html", viewer, {"codes": codes, "onward": PATH})


async def _page(request: Request, *, notice: str = "", error: str = "") -> Response:
    viewer = viewer_of(await ask(request, "Viewer"))
    proposed = await ask(request, "EnrollTotp", {"input": {}})
    why_not = refusal(proposed, "enrollTotp")
    address = text(inside(proposed.data, "enrollTotp"), "address") if not why_not else ""
    context = {
        **await _facts(request),
        "notice": notice,
        "error": error,
        "why_not": why_not,
        "again": "/signin?" + urlencode({"next": PATH}),
        "qr": qr_svg(address) if address else "",
        "secret": text(inside(proposed.data, "enrollTotp"), "secret") if address else "",
        "action": PATH,
    }
    return page(request, "console/second_step.html", viewer, context, status=422 if error else 200)


async def _facts(request: Request) -> dict[str, object]:
    mine = await own_factors(request)
    if mine is None:
        raise SignedOutError
    step = "/signin?" + urlencode({"next": "/account", "acr": AAL2})
    return {
        "app": mine.app, "codes_left": mine.codes_left, "devices": mine.devices, "strong": mine.strong, "step": step,
    }  # fmt: skip


async def _section(request: Request, visit: Visit) -> Mapping[str, object]:
    del visit
    return await _facts(request)


SECTION: Final = Section("second-step", "Second step at sign-in", "console/account/second_step.html", _section)
