"""One table spells each refusal for every kind of caller; an unexpected error shows only its number."""

import asyncpg
import httpx2
import pytest
from starlette.exceptions import HTTPException

from gateway.problems import ANSWERS, refusal_of
from gateway.refusals import Kind, RefusedError
from store.database import DatabaseError

STATUSES = {
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.BAD_USER_INPUT: 400,
    Kind.METHOD_NOT_ALLOWED: 405,
    Kind.NOT_ACCEPTABLE: 406,
    Kind.TOO_SLOW: 408,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED_MEDIA_TYPE: 415,
    Kind.THROTTLED: 429,
    Kind.DEADLINE: 503,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}


def test_each_kind_is_in_the_table() -> None:
    assert {kind: ANSWERS[kind].status for kind in Kind} == STATUSES


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_refusal_as_problem_and_as_page(client: httpx2.AsyncClient, kind: Kind) -> None:
    answer = await client.get(f"/trial/refuse/{kind.name}")
    assert answer.status_code == STATUSES[kind]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-more"] == "1"
    assert answer.json() == {
        "title": ANSWERS[kind].title,
        "status": STATUSES[kind],
        "detail": "One clear sentence.",
        "code": kind.value,
        "request_id": answer.headers["x-request-id"],
    }
    page = await client.get(f"/trial/refuse/{kind.name}", headers={"Accept": "text/html"})
    assert page.status_code == STATUSES[kind]
    assert "One clear sentence." in page.text
    assert page.headers["x-request-id"] in page.text


@pytest.mark.checklist("59 an error page")
async def test_what_nobody_expected_shows_only_its_number(client: httpx2.AsyncClient) -> None:
    for accept in ("application/json", "text/html"):
        answer = await client.get("/trial/break", headers={"Accept": accept})
        assert answer.status_code == 500
        assert answer.headers["x-request-id"] in answer.text
        assert "hunter2" not in answer.text
        assert "ValueError" not in answer.text


async def test_oauth_endpoints_speak_oauth(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/oauth2/trial")
    assert answer.status_code == 500
    assert answer.json()["error"] == "server_error"


async def test_a_method_that_a_path_does_not_take(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.json()["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RefusedError(Kind.THROTTLED, "x"), Kind.THROTTLED),
        (HTTPException(404), Kind.NOT_FOUND),
        (HTTPException(418), Kind.BAD_USER_INPUT),
        (HTTPException(599), Kind.INTERNAL),
        (ConnectionRefusedError(), Kind.UNAVAILABLE),
        (DatabaseError("x"), Kind.UNAVAILABLE),
        (asyncpg.AdminShutdownError(), Kind.UNAVAILABLE),
        (asyncpg.CannotConnectNowError(), Kind.UNAVAILABLE),
        (asyncpg.ConnectionDoesNotExistError(), Kind.UNAVAILABLE),
        (asyncpg.TooManyConnectionsError(), Kind.UNAVAILABLE),
        (asyncpg.DeadlockDetectedError(), Kind.UNAVAILABLE),
        (asyncpg.InterfaceError("pool is closing"), Kind.UNAVAILABLE),
        (asyncpg.InternalClientError("another operation is in progress"), Kind.UNAVAILABLE),
        (asyncpg.UniqueViolationError(), Kind.INTERNAL),
        (KeyError("x"), Kind.INTERNAL),
    ],
)
def test_the_kind_of_an_error(error: Exception, kind: Kind) -> None:
    assert refusal_of(error).kind is kind


def test_a_database_that_is_away_says_when_to_come_back() -> None:
    assert refusal_of(ConnectionRefusedError()).headers == {"Retry-After": "30"}
