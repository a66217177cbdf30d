"""`/console/users/{id}`: one person, with the roles that the viewer may see, and what may be done to the account."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.answers import Answer, inside, rows
from gateway.console.changes import is_withheld, refusal
from gateway.console.operations import Answered, ask
from gateway.console.shell import for_persons, full_name, page, viewer_of
from gateway.console.words import LEVELS, STATUSES, is_past, step
from gateway.csrf import checked_form
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of

PERSON: Final = "/console/users/{id}"
CHANGE: Final = "/console/users/{id}/{change}"


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to an account: the mutation that does it, and the sentence that tells that it is done."""

    mutation: str
    run: Callable[[Request, Mapping[str, Any]], Awaitable[Answered]]
    done: str


_CHANGES: Final = {
    "reset": _Change(
        "resetPassword",
        lambda request, asked: ask(request, "ResetPassword", asked),
        "A link to choose a new password is on its way. The present password and all sessions have ended.",
    ),
    "invite": _Change(
        "resendInvitation",
        lambda request, asked: ask(request, "ResendInvitation", asked),
        "A new invitation is on its way. The one before can't be used any more.",
    ),
    "reset-second-step": _Change(
        "resetSecondFactors",
        lambda request, asked: ask(request, "ResetSecondFactors", asked),
        "The person is asked by mail to confirm it. A day from now at the earliest, all second steps are removed.",
    ),
    "suspend": _Change(
        "deactivateUser", lambda request, asked: ask(request, "DeactivateUser", asked), "It is suspended now."
    ),
    "lift": _Change(
        "reactivateUser",
        lambda request, asked: ask(request, "ReactivateUser", asked),
        "What you may lift of the suspension is lifted.",
    ),
}


@for_persons
async def person(request: Request) -> Response:
    """404 for nobody and, alike, for somebody whom the person may not see."""
    done = _CHANGES.get(request.query_params.get("done", ""))
    return await _page(request, notice=done.done if done else "")


@for_persons
async def change(request: Request) -> Response:
    """POST: 303 back to the person; 422 with the reason where a rule refuses; 404 as for the page."""
    form = await checked_form(request)
    name = request.path_params["change"]
    wanted = _CHANGES.get(name)
    if wanted is None:
        raise RefusedError(Kind.NOT_FOUND, "There is no such page.")
    asked: dict[str, Any] = {"user": request.path_params["id"]}
    comment = form.get("comment")
    if name == "suspend" and isinstance(comment, str):
        asked["comment"] = comment
    error = refusal(await wanted.run(request, {"input": asked}), wanted.mutation)
    if error:
        return await _page(request, error=error)
    address = PERSON.replace("{id}", request.path_params["id"])
    return RedirectResponse(f"{address}?done={name}", status_code=303)


async def _page(request: Request, *, notice: str = "", error: str = "") -> Response:
    answered = await ask(request, "Person", {"id": request.path_params["id"]})
    viewer = viewer_of(answered)
    found: Answer | None = answered.data["user"]
    if found is None:
        raise RefusedError(Kind.NOT_FOUND, "There is no such person, or she or he isn't visible to you.")
    packs = gateway_of(request).packs.current
    held = rows(found, "assignments", "nodes")
    managed = not is_withheld(answered, "user", "suspension") and inside(viewer, "user", "id") != found["id"]
    context = {
        "person": found,
        "name": full_name(found),
        "held": [one for one in held if not is_past(one)],
        "past": [one for one in held if is_past(one)],
        "steps": {one["id"]: [step(missing, one, packs) for missing in rows(one, "missingSteps")] for one in held},
        "statuses": STATUSES,
        "levels": LEVELS,
        "managed": managed,
        "suspended": [one for one in held if one["suspension"]],
        "notice": notice,
        "error": error,
    }
    return page(request, "console/person.html", viewer, context, status=422 if error else 200)
