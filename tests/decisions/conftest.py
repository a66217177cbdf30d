"""Fixtures of this folder: the small state of the GraphQL tests, and callers that ask the decision API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from store.database import Pool
from tests.graphql.conftest import as_person, as_system, as_token_bearer, http, signed_out
from tests.graphql.world import Caller
from tests.oidc.fixtures import app, clock, gateway
from tests.oidc.world import ISSUER, SCORING, bearer, token_request
from tests.openapi.judge import documented

__all__ = ["app", "as_person", "as_system", "as_token_bearer", "clock", "gateway", "http", "signed_out"]


@dataclass(slots=True)
class Api:
    """The decision API as one caller asks it."""

    caller: Caller

    async def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        sent = {**self.caller.headers, **headers}
        response = await self.caller.http.post(f"/access/v1/{path}", json=body, headers=sent)
        assert documented(response, f"/access/v1/{path}")
        return response

    async def answer(self, path: str, body: Any) -> Any:
        response = await self.post(path, body)
        assert response.status_code == 200, response.text
        return response.json()

    async def evaluate(self, subject: Any, action: Any, resource: Any, **more: Any) -> Any:
        body = {"subject": subject, "action": action, "resource": resource, **more}
        return await self.answer("evaluation", body)

    async def refusal(self, path: str, body: Any) -> tuple[int, str]:
        response = await self.post(path, body)
        assert response.headers["content-type"] == "application/json"
        return response.status_code, response.json()


AsApi = Callable[[str], Awaitable[Api]]


@pytest.fixture
def person_api(as_person: Callable[[str], Awaitable[Caller]]) -> AsApi:
    """A person in her session."""

    async def call(name: str) -> Api:
        return Api(await as_person(name))

    return call


@pytest.fixture
def cers(as_system: Caller) -> Api:
    """CERS, which is registered for one active role."""
    return Api(as_system)


@pytest.fixture
async def thss(http: httpx2.AsyncClient, app: Starlette) -> Api:
    """THSS, which is registered for the union of roles."""
    form = {"grant_type": "client_credentials", "scope": "directory.read", "resource": ISSUER}
    answer = await token_request(http, SCORING, form)
    assert answer.status_code == 200, answer.text
    return Api(Caller(http, bearer(answer.json()["access_token"])))


@pytest.fixture
async def hallpass(http: httpx2.AsyncClient, pool: Pool, thss: Api) -> Api:
    """A client of several systems, the gateway's own among them, with the union of roles."""
    async with pool.acquire() as connection:
        await connection.execute(
            "update relying_parties set systems = '{thss,hallpass,cers,toms,tds}' where client_id = 'scoring'"
        )
    return thss
