"""What every page of a signed-in person has around it: name, active role, navigation, and the way to sign in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.answers import Answer, rows, text
from gateway.console.operations import Answered
from gateway.pages import TAB, render
from gateway.refusals import Kind, RefusedError
from gateway.signin.context import ContextEndedError, asked_context
from gateway.tab_links import in_context, is_ours, without_context

SEE_OTHER: Final = 303
Endpoint = Callable[[Request], Awaitable[Response]]

_NAVIGATION: Final = (
    ("Start", "/"),
    ("Organizations", "/console"),
    ("Ask in GraphQL", "/console/graphql"),
    ("Your account", "/account"),
)


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role of the viewer's as the switch offers it. `value` is what `/signin/role` takes."""

    value: str
    label: str
    year: str
    active: bool


@dataclass(frozen=True, slots=True)
class NavigationItem:
    label: str
    href: str
    current: bool


class SignedOutError(Exception):
    """The page is for persons, and nobody is signed in."""


def for_persons(endpoint: Endpoint) -> Endpoint:
    """The endpoint, to which somebody who isn't signed in comes by way of the sign-in page."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return _in_tab(request, await endpoint(request))
        except ContextEndedError:
            again = without_context(own_address(request)) if request.method == "GET" else "/"
            return render(request, "console/context_ended.html", {"again": again}, status=403)
        except SignedOutError:
            return _to_sign_in(request)
        except RefusedError as error:
            if error.kind is Kind.UNAUTHENTICATED:
                return _to_sign_in(request)
            raise

    return answered


def viewer_of(answered: Answered) -> Answer:
    """The viewer of a page's document. Raises SignedOutError where there is none."""
    viewer = answered.data["viewer"]
    if viewer is None:
        raise SignedOutError
    return viewer


def page(
    request: Request, template: str, viewer: Answer, context: Mapping[str, object], *, status: int = 200
) -> Response:
    """A template that extends `console/page.html`.

    Where the person has a choice of roles, a page stands at an address that names one: reloaded, it is the same.
    """
    around = shell_context(request, viewer)
    tab = around[TAB]
    if isinstance(tab, str) and asked_context(request) is None and request.method in ("GET", "HEAD") and status == 200:
        return RedirectResponse(in_context(own_address(request), tab), status_code=303)
    return render(request, template, {**around, **context}, status=status)


def shell_context(request: Request, viewer: Answer) -> dict[str, object]:
    choices = role_choices(viewer)
    active = viewer["activeRole"]
    return {
        TAB: asked_context(request) or (active["context"] if active and len(choices) > 1 else None),
        "places": rows(viewer, "activeAt"),
        "narrowed_to": viewer["narrowedTo"],
        "viewer_name": full_name(viewer["user"]),
        "roles": choices,
        "active": next((choice for choice in choices if choice.active), None),
        "navigation": navigation(request.url.path, administers=bool(choices)),
        "here": own_address(request),
    }


def role_choices(viewer: Answer) -> list[RoleChoice]:
    """The roles that the viewer holds, the active one marked."""
    active = viewer["activeRole"]
    return [
        RoleChoice(
            one["context"],
            one["role"]["label"],
            one["schoolYear"] or "",
            active is not None and one["context"] == active["context"],
        )
        for one in rows(viewer, "roles")
        if one["role"] is not None
    ]


def navigation(path: str, *, administers: bool) -> list[NavigationItem]:
    """The item whose address is the longest beginning of the path is the current one.

    Somebody without a role that counts sees her steps and nothing else.
    """
    fitting = [href for _, href in _NAVIGATION if path == href or (href != "/" and path.startswith(f"{href}/"))]
    current = max(fitting, key=len, default="")
    shown = _NAVIGATION if administers else [one for one in _NAVIGATION if not one[1].startswith("/console")]
    return [NavigationItem(label, href, href == current) for label, href in shown]


def full_name(user: Answer | None) -> str:
    return f"{text(user, 'firstName')} {text(user, 'lastName')}".strip()


def own_address(request: Request) -> str:
    """Path and query of the page, to come back to; the page itself where it was posted."""
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return f"{request.url.path}{query}"


def _in_tab(request: Request, answer: Response) -> Response:
    """The answer; a redirect to a page of ours leads to it in the tab's context."""
    tab, location = asked_context(request), answer.headers.get("location")
    if tab is not None and location is not None and is_ours(location) and answer.status_code == SEE_OTHER:
        answer.headers["location"] = in_context(location, tab)
    return answer


def _to_sign_in(request: Request) -> Response:
    return RedirectResponse("/signin?" + urlencode({"next": own_address(request)}), status_code=303)
