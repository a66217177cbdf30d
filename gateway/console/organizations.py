"""`/console` and `/console/organizations/{id}`: the tree as far as the person's reach goes, with who works where."""

from functools import partial
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.answers import Answer, inside, rows
from gateway.console.operations import ask
from gateway.console.shell import for_persons, page, viewer_of
from gateway.console.words import LEVELS, STATUSES, count, is_past
from gateway.refusals import Kind, RefusedError

_PAGE: Final = 50
_FOUND: Final = 20
_LONGEST: Final = 200


@for_persons
async def start(request: Request) -> Response:
    """Her own organizations, or what a search finds."""
    sought = _sought(request)
    if sought:
        return await _search(request, sought)
    viewer = viewer_of(await ask(request, "Start"))
    context = {"organizations": _own(viewer), "sought": "", "found": None, "levels": LEVELS, "statuses": STATUSES}
    return page(request, "console/start.html", viewer, context)


@for_persons
async def organization(request: Request) -> Response:
    """404 for what doesn't exist and, alike, for what the person may not see."""
    asked = request.path_params["id"]
    sought = _sought(request)
    variables = {
        "id": asked,
        "filter": {"organization": {"id": asked}, **_people(sought)},
        "children": request.query_params.get("children") or None,
        "users": request.query_params.get("users") or None,
        "first": _PAGE,
    }
    answered = await ask(request, "Organization", variables)
    viewer = viewer_of(answered)
    found: Answer | None = answered.data["organization"]
    if found is None:
        raise RefusedError(Kind.NOT_FOUND, "There is no such organization, or it isn't visible to you.")
    context = {
        "organization": found,
        "trail": _trail(found),
        "people": answered.data["users"],
        "roles_here": partial(roles_here, organization=found["id"]),
        "sought": sought,
        "levels": LEVELS,
        "statuses": STATUSES,
        "count": count,
        "began": {name: variables[name] is not None for name in ("children", "users")},
        "address": partial(_address, request),
    }
    return page(request, "console/organization.html", viewer, context)


def roles_here(person: Answer, organization: str) -> list[Answer]:
    """The roles that the person holds at the organization now or, as far as they are open, in the upcoming year."""
    held = rows(person, "assignments", "nodes")
    return [one for one in held if inside(one, "organization", "id") == organization and not is_past(one)]


async def _search(request: Request, sought: str) -> Response:
    code = sought.replace("-", "").replace(" ", "")
    organizations = {"code": code} if code.isdigit() else {"name": sought}
    variables = {"organizations": organizations, "users": _people(sought), "first": _FOUND}
    answered = await ask(request, "Search", variables)
    viewer = viewer_of(answered)
    context: dict[str, object] = {
        "organizations": (),
        "sought": sought,
        "found": answered.data,
        "levels": LEVELS,
        "statuses": STATUSES,
        "is_past": is_past,
    }
    return page(request, "console/start.html", viewer, context)


def _sought(request: Request) -> str:
    return " ".join(request.query_params.get("q", "").replace("\0", "").split())[:_LONGEST]


def _people(sought: str) -> dict[str, str]:
    """An address is sought as one, all else as the beginning of “last first”."""
    if not sought:
        return {}
    return {"email": sought} if "@" in sought else {"name": sought.replace(",", " ")}


def _own(viewer: Answer) -> list[Answer]:
    """Where the active role is held; without one, wherever a role counts."""
    active = viewer["activeRole"]
    found: dict[str, Answer] = {}
    for one in rows(viewer, "user", "assignments", "nodes"):
        if one["organization"] and not is_past(one) and (active is None or _is_active(one, active)):
            found[one["organization"]["id"]] = one["organization"]
    return sorted(found.values(), key=lambda organization: organization["name"] or "")


def _is_active(assignment: Answer, active: Answer) -> bool:
    return (
        inside(assignment, "program", "code") == active["program"]
        and inside(assignment, "role", "code") == inside(active, "role", "code")
        and assignment["schoolYear"] == active["schoolYear"]
    )


def _trail(found: Answer) -> list[Answer]:
    """The organizations above, from the top."""
    trail: list[Answer] = []
    above = found["parent"]
    while above:
        trail.insert(0, above)
        above = above.get("parent")
    return trail


def _address(request: Request, **changes: str | None) -> str:
    """This page with other parameters; one that becomes None is left out."""
    kept = {**request.query_params, **changes}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{request.url.path}?{query}" if query else request.url.path
