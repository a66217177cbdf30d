"""The pages: results of the schools that the claims open, student by student for a school or a group."""

import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from examples.reporting.asking import Asking
from examples.reporting.claims import Permit, RefusedError
from examples.reporting.directory import Directory, read_directory
from examples.reporting.results import figures, students
from examples.reporting.settings import Settings
from examples.reporting.sign_in import Gateway, People, SignedIn

_FOLDER: Final = Path(__file__).parent
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_REACH_WORDS: Final = {
    "lea": "the whole LEA and every school in it",
    "schools": "every school of the LEA",
    "site": "the school as a whole",
    "roster": "only the student groups you hold",
}


@dataclass(frozen=True, slots=True)
class Section:
    """What one permit opens, for one table."""

    number: int
    permit: Permit
    places: tuple[str, ...]
    rows: list[tuple[str, str, tuple[Any, ...]]]
    """Address, name and figures of each school or group."""


class Reporting:
    """The system's pages over its own data."""

    def __init__(self, settings: Settings, directory: Directory, gateway: Gateway, asking: Asking) -> None:
        self._settings = settings
        self._directory = directory
        self._gateway = gateway
        self._asking = asking
        self._people = People()
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined
        )

    async def home(self, request: Request) -> Response:
        """An overview per permit; somebody who isn't signed in reads what this is."""
        person = await self._person(request)
        if person is None:
            return self._page("welcome.html", {"problem": None})
        sections = [self._section(number, permit, person) for number, permit in enumerate(person.permits)]
        return self._page("results.html", {"sections": sections, "reach": _REACH_WORDS, "role": person.role})

    async def school(self, request: Request) -> Response:
        """Student by student, where the permit opens the whole school."""
        person, permit = await self._asked_permit(request)
        code = request.path_params["code"]
        found = next((one for one in self._directory.schools_of(permit) if one.code == code), None)
        if found is None or not await self._asking.may_see_school(person, permit, found.code):
            raise HTTPException(404)
        return self._students(permit, found.name, found.code)

    async def group(self, request: Request) -> Response:
        """Student by student, for a group that the person holds."""
        person, permit = await self._asked_permit(request)
        groups = self._directory.groups_of(permit, person.sub)
        index: int = request.path_params["index"]
        if index >= len(groups) or not await self._asking.may_see_group(person, permit, groups[index]):
            raise HTTPException(404)
        return self._students(permit, groups[index].name, f"{groups[index].school}/{groups[index].name}")

    async def sign_in(self, request: Request) -> Response:
        return await self._gateway.begin(request)

    async def came_back(self, request: Request) -> Response:
        try:
            person = await self._gateway.finish(request)
        except RefusedError as error:
            return self._page("welcome.html", {"problem": str(error)}, 403)
        request.session.clear()  # a new key, so that nobody's earlier one is carried over
        request.session["key"] = secrets.token_urlsafe(32)
        self._people.put(request.session["key"], person)
        return RedirectResponse(self._settings.address, 303)

    async def sign_out(self, request: Request) -> Response:
        self._people.drop(request.session.get("key", ""))
        request.session.clear()
        return RedirectResponse(self._settings.address, 303)

    async def refused(self, _request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._page("welcome.html", {"problem": "There is nothing here, or it isn't open to you."}, status)

    async def _person(self, request: Request) -> SignedIn | None:
        """Who is signed in; after five minutes with what the gateway says then, or not at all."""
        key = request.session.get("key", "")
        person = self._people.get(key)
        if person is None or time.time() < person.expires_at:
            return person
        self._people.drop(key)
        try:
            person = await self._gateway.renewed(person)
        except RefusedError:
            return None
        self._people.put(key, person)
        return person

    async def _asked_permit(self, request: Request) -> tuple[SignedIn, Permit]:
        """Who asks, and the permit of the address; 404 without either."""
        person = await self._person(request)
        number: int = request.path_params["number"]
        if person is None or number >= len(person.permits):
            raise HTTPException(404)
        return person, person.permits[number]

    def _section(self, number: int, permit: Permit, person: SignedIn) -> Section:
        rows = [
            (f"/results/{number}/schools/{school.code}", school.name, figures(permit, school.code))
            for school in self._directory.schools_of(permit)
        ]
        rows += [
            (f"/results/{number}/groups/{index}", group.name, figures(permit, f"{group.school}/{group.name}"))
            for index, group in enumerate(self._directory.groups_of(permit, person.sub))
        ]
        return Section(number, permit, tuple(self._directory.name_of(one) for one in permit.organizations), rows)

    def _students(self, permit: Permit, name: str, place: str) -> Response:
        return self._page("students.html", {"name": name, "permit": permit, "students": students(permit, place)})

    def _page(self, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        known = {"gateway": self._settings.issuer, **context}
        return HTMLResponse(self._templates.get_template(template).render(known), status, _HEADERS)


async def style(_request: Request) -> Response:
    return FileResponse(_FOLDER / "reporting.css", headers={"Cache-Control": "public, max-age=60"})


def create_app(settings: Settings, gateway: Callable[[Settings], Gateway] = Gateway) -> Starlette:
    """The system; `gateway` is replaced by tests."""
    asking = Asking(settings)
    pages = Reporting(settings, read_directory(settings.directory, settings.rosters), gateway(settings), asking)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        await asking.close()

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/", pages.home),
            Route("/results/{number:int}/schools/{code}", pages.school),
            Route("/results/{number:int}/groups/{index:int}", pages.group),
            Route("/signin", pages.sign_in),
            Route("/signin/callback", pages.came_back),
            Route("/signout", pages.sign_out, methods=["POST"]),
            Route("/reporting.css", style),
        ],
        middleware=[
            Middleware(
                SessionMiddleware,
                secret_key=secrets.token_urlsafe(32),
                session_cookie="reporting-session",  # of its own: cookies of one host don't keep ports apart
                max_age=12 * 3600,
                same_site="lax",
                https_only=settings.https,
            )
        ],
        exception_handlers={HTTPException: pages.refused},
    )
