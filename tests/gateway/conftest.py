"""Fixtures of the edge: settings, resources over this test's database, and a client that speaks to the application."""

import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
import structlog
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.app import create_app
from gateway.csrf import checked_form
from gateway.logging import configure_logging, write_waiting_lines
from gateway.packs_in_force import PacksInForce
from gateway.pages import TEMPLATES, environment, render
from gateway.refusals import Kind, RefusedError
from gateway.settings import Settings
from gateway.state import Gateway
from policy.packs import Packs
from store.database import Pool

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ISSUER = "http://localhost:8000"
_TRIAL = """{% extends "base.html" %}{% from "components.html" import field %}
{% block main %}<form method="post">{{ csrf_field() }}{{ field("name", "Name", error="<wrong>") }}</form>
<form method="post">{{ csrf_field() }}</form>{% endblock %}"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, issuer=ISSUER, max_body_bytes=20_000, second_step="optional", new_device_code=False
    )


@pytest.fixture
def gateway(settings: Settings, pool: Pool) -> Iterator[Gateway]:
    with ThreadPoolExecutor(1) as hashing:
        yield Gateway(
            settings=settings,
            secret_key=b"k" * 32,
            pool=pool,
            packs=PacksInForce(Packs({}, ())),
            now=lambda: NOW,
            new_id=uuid.uuid4,
            new_token=lambda: "t" * 43,
            hashing=hashing,
        )


@pytest.fixture
def app(gateway: Gateway) -> Starlette:
    """The application, and five routes that do what endpoints do."""
    return with_trials(create_app(gateway.settings, gateway))


@pytest.fixture
def https_app(gateway: Gateway) -> Starlette:
    https = replace(gateway.settings, issuer="https://hallpass.example.gov")
    return with_trials(create_app(https, replace(gateway, settings=https)))


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


class Lines:
    """What the gateway has written to standard error so far."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture
        self._written = b""

    def getvalue(self) -> bytes:
        write_waiting_lines()
        self._written += self._capture.readouterr().err
        return self._written


@pytest.fixture
def lines(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[Lines]:
    """Logging as `serve` sets it up, at level debug."""
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("debug")
    structlog.configure(cache_logger_on_first_use=False)
    yield Lines(capsysbinary)
    structlog.configure(**before)
    root.handlers = handlers
    root.setLevel(level)


def client_of(app: Starlette, issuer: str = ISSUER) -> httpx2.AsyncClient:
    """A client that is told the truth also where an endpoint breaks: the answer, not the exception."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url=issuer)


def with_trials(app: Starlette) -> Starlette:
    environment().loader = ChoiceLoader([FileSystemLoader(TEMPLATES), DictLoader({"trial.html": _TRIAL})])
    app.router.routes.extend(
        [
            Route("/trial/page", _page),
            Route("/trial/form", _form, methods=["GET", "POST"]),
            Route("/trial/break", _break),
            Route("/trial/refuse/{kind}", _refuse),
            Route("/trial/echo", _echo, methods=["POST"]),
            Route("/oauth2/trial", _break),
            Route("/trial/own-headers", _own_headers),
        ]
    )
    return app


async def _page(_: Request) -> Response:
    return HTMLResponse("<p>page</p>")


async def _form(request: Request) -> Response:
    if request.method == "POST":
        form = await checked_form(request)
        return JSONResponse({"name": form["name"]})
    return render(request, "trial.html", {}, form_targets=request.query_params.getlist("target"))


async def _break(_: Request) -> Response:
    raise ValueError("password=hunter2 is not what was expected")


async def _refuse(request: Request) -> Response:
    raise RefusedError(Kind[request.path_params["kind"]], "One clear sentence.", {"X-More": "1"})


async def _echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _own_headers(_: Request) -> Response:
    return Response("x", headers={"Cache-Control": "public, max-age=60", "Content-Security-Policy": "sandbox"})
