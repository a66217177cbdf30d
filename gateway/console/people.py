"""`/console/users/{id}`: one person, with the roles that the viewer may see."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.answers import Answer, rows
from gateway.console.operations import ask
from gateway.console.shell import for_persons, full_name, page, viewer_of
from gateway.console.words import LEVELS, STATUSES, is_past, step
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of


@for_persons
async def person(request: Request) -> Response:
    """404 for nobody and, alike, for somebody whom the person may not see."""
    answered = await ask(request, "Person", {"id": request.path_params["id"]})
    viewer = viewer_of(answered)
    found: Answer | None = answered.data["user"]
    if found is None:
        raise RefusedError(Kind.NOT_FOUND, "There is no such person, or she or he isn't visible to you.")
    packs = gateway_of(request).packs.current
    held = rows(found, "assignments", "nodes")
    context = {
        "person": found,
        "name": full_name(found),
        "held": [one for one in held if not is_past(one)],
        "past": [one for one in held if is_past(one)],
        "steps": {one["id"]: [step(missing, one, packs) for missing in rows(one, "missingSteps")] for one in held},
        "statuses": STATUSES,
        "levels": LEVELS,
    }
    return page(request, "console/person.html", viewer, context)
