"""`/account/forms`: the security forms that a person's roles ask for, to be read, printed and signed by herself."""

from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.answers import Answer, inside, rows, text
from gateway.console.operations import ask
from gateway.console.shell import for_persons, page, viewer_of
from gateway.csrf import checked_form
from gateway.refusals import Kind, RefusedError

LIST: Final = "/account/forms"
FORM: Final = "/account/forms/{program}/{school_year}/{code}"


@for_persons
async def security_forms(request: Request) -> Response:
    """GET: what is to be signed first, then what is signed."""
    viewer = viewer_of(await ask(request, "SecurityForms"))
    forms = [{**one, "href": address(one)} for one in rows(viewer, "user", "securityForms")]
    context = {
        "open": [one for one in forms if one["signedAt"] is None],
        "signed": [one for one in forms if one["signedAt"] is not None],
    }
    return page(request, "console/security_forms.html", viewer, context)


@for_persons
async def security_form(request: Request) -> Response:
    """GET: the form's text, with the place for the signature or the day on which it was signed."""
    viewer = viewer_of(await ask(request, "SecurityForms"))
    return _page(request, viewer, _form(request, viewer))


@for_persons
async def sign(request: Request) -> Response:
    """POST: 303 back to the list; 422 with the reason when the signature is refused."""
    sent = await checked_form(request)
    viewer = viewer_of(await ask(request, "SecurityForms"))
    form = _form(request, viewer)
    typed = str(sent.get("signature") or "")
    asked = {
        "program": form["program"],
        "schoolYear": form["schoolYear"],
        "form": form["code"],
        "version": str(sent.get("version") or ""),
        "signature": typed,
    }
    payload = inside((await ask(request, "SignSecurityForm", {"input": asked})).data, "signSecurityForm")
    errors = rows(payload, "userErrors")
    if payload is None or errors:
        error = " ".join(f"{text(one, 'message')} {text(one, 'remedy')}".strip() for one in errors)
        return _page(request, viewer, form, typed, error or "The form could not be signed. Try again.")
    return RedirectResponse(LIST, status_code=303)


def address(form: Answer) -> str:
    """Where the form is read and signed."""
    parts = (text(form, "program"), text(form, "schoolYear") or "-", text(form, "code"))
    return "/".join((LIST, *(quote(part, safe="") for part in parts)))


def _form(request: Request, viewer: Answer) -> Answer:
    """The form that the address names. Raises RefusedError NOT_FOUND for one that isn't asked of her."""
    for one in rows(viewer, "user", "securityForms"):
        if address(one) == request.url.path:
            return one
    raise RefusedError(Kind.NOT_FOUND, "None of your roles asks for this form.")


def _page(request: Request, viewer: Answer, form: Answer, typed: str = "", error: str = "") -> Response:
    context = {"form": form, "typed": typed, "error": error, "back": LIST}
    return page(request, "console/security_form.html", viewer, context, status=422 if error else 200)
