"""`/account`: what the person lets relying parties have that aren't the state's own, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.account_sections import Section, Visit
from gateway.console.answers import Answer, rows, text
from gateway.console.changes import refusal
from gateway.console.operations import ask
from gateway.console.shell import for_persons
from gateway.csrf import checked_form
from gateway.oidc.consent.words import Told, told
from gateway.refusals import Kind, RefusedError

PATH: Final = "/account/consents"


@dataclass(frozen=True, slots=True)
class Line:
    """What is allowed at one time: as whom, and which data."""

    role: str
    where: str
    told: list[Told]
    narrowed: bool
    allowed_at: str


@for_persons
async def revoke(request: Request) -> Response:
    """POST: 303 back to the page. Raises RefusedError (NOT_FOUND) for what isn't hers or is taken back already."""
    form = await checked_form(request)
    asked = {"consent": str(form.get("consent") or "")}
    error = refusal(await ask(request, "RevokeConsent", {"input": asked}), "revokeConsent")
    if error:
        raise RefusedError(Kind.NOT_FOUND, "This was taken back already: reload your account's page.")
    return RedirectResponse("/account?done=consent#consents", status_code=303)


async def _load(request: Request, visit: Visit) -> Mapping[str, object]:
    answered = await ask(request, "OwnConsents")
    found = rows(answered.data, "viewer", "consents")
    return {
        "consents": [{**one, "lines": [_line(terms) for terms in rows(one, "allowed")]} for one in found],
        "done": request.query_params.get("done", "") == "consent",
    }


def _line(terms: Answer) -> Line:
    role = f"{text(terms, 'role', 'label')} {text(terms, 'schoolYear')}".strip()
    return Line(
        role or "All of your roles together",
        text(terms, "organization", "name"),
        told(terms["scopes"]),
        terms["narrowed"],
        terms["allowedAt"],
    )


SECTION: Final = Section("consents", "Systems that you let in", "console/account/consents.html", _load)
