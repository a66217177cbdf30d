"""`/demo/mail`: in demo mode without a mail server, the mails that would have been sent, newest first."""

import re
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.headers import page_policy
from gateway.mail.demo_box import has_demo_box, holds_invented_people
from gateway.pages import render
from gateway.state import gateway_of
from store.demo_mails import DemoMail, demo_mail, newest_demo_mails

PATH: Final = "/demo/mail"
_FRAME_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_ADDRESS: Final = re.compile(r"https?://\S+")


def routes() -> list[BaseRoute]:
    return [
        Route(PATH, mails, methods=["GET"]),
        Route(PATH + "/{id:uuid}", mail, methods=["GET"]),
        Route(PATH + "/{id:uuid}/html", mail_html, methods=["GET"]),
    ]


async def mails(request: Request) -> Response:
    """404 outside of demo mode, as are all of these."""
    _must_be_demo(request)
    async with gateway_of(request).pool.acquire() as connection:
        found = await newest_demo_mails(connection) if await holds_invented_people(connection) else None
    if found is None:
        raise HTTPException(404)
    return render(request, "demo/mails.html", {"mails": found})


async def mail(request: Request) -> Response:
    """The text with its links, and the HTML in a frame that can do nothing."""
    found = await _asked(request)
    response = render(request, "demo/mail.html", {"mail": found, "parts": _parts(found.text, _issuer(request))})
    response.headers["Content-Security-Policy"] = page_policy(more="frame-src 'self'")
    return response


async def mail_html(request: Request) -> Response:
    found = await _asked(request)
    return HTMLResponse(found.html, headers={"Content-Security-Policy": _FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"})


async def _asked(request: Request) -> DemoMail:
    _must_be_demo(request)
    id_: UUID = request.path_params["id"]
    async with gateway_of(request).pool.acquire() as connection:
        found = await demo_mail(connection, id_) if await holds_invented_people(connection) else None
    if found is None:
        raise HTTPException(404)
    return found


def _must_be_demo(request: Request) -> None:
    if not has_demo_box(gateway_of(request).settings):
        raise HTTPException(404)


def _issuer(request: Request) -> str:
    return gateway_of(request).settings.issuer


def _parts(text: str, issuer: str) -> list[tuple[str, str | None]]:
    """Pieces of the text, each with where it leads; only addresses of this gateway lead anywhere."""
    parts: list[tuple[str, str | None]] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        if found[0].startswith(f"{issuer}/"):
            parts.extend([(text[end : found.start()], None), (found[0], found[0])])
            end = found.end()
    return [*parts, (text[end:], None)]
