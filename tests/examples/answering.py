"""A gateway for the client's tests that answers what the test says, request by request."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from examples.decisions_client import DecisionClient, Settings
from examples.decisions_client.terms import Action, OrganizationResource, UserSubject

ADDRESS = "http://localhost:8000"
VERSION = "5d3a9c714e2b8f07"
SITE, VIEW, PARK = UserSubject("1"), Action("cers:results:view", assessment="summative"), OrganizationResource("s:1")
Answer = Callable[[httpx2.Request], httpx2.Response]


def identifier(number: int = 0) -> str:
    return f"00000000-0000-8000-8000-{number:012d}"


def allowing(number: int = 0, **context: Any) -> dict[str, Any]:
    given = {"reason": "granted", "access_version": VERSION, "decision_id": identifier(number), **context}
    return {"decision": True, "context": {name: value for name, value in given.items() if value is not None}}


def denying(number: int = 0, **context: Any) -> dict[str, Any]:
    return {**allowing(number, **{"reason": "no-assignment", **context}), "decision": False}


def token_body(**changes: Any) -> dict[str, Any]:
    body = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "directory.read", **changes}
    return {name: value for name, value in body.items() if value is not None}


def echoed(request: httpx2.Request, body: Any, status: int, headers: Mapping[str, str]) -> httpx2.Response:
    """JSON (or bytes as they are) under the request's own id."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = {"content-type": "application/json", "x-request-id": request.headers.get("x-request-id", "")}
    return httpx2.Response(status, content=content, headers={**known, **headers})


@dataclass(slots=True)
class Gateway:
    """Answers with `answers` in turn, the last one for ever; tokens with `tokens`."""

    answers: list[Answer]
    tokens: list[Answer] = field(default_factory=lambda: [saying(token_body())])
    asked: list[httpx2.Request] = field(default_factory=list[httpx2.Request])
    tokens_asked: int = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/oauth2/token":
            self.tokens_asked += 1
            return self.tokens[min(self.tokens_asked, len(self.tokens)) - 1](request)
        self.asked.append(request)
        return self.answers[min(len(self.asked), len(self.answers)) - 1](request)

    def client(self, **settings: Any) -> DecisionClient:
        known: dict[str, Any] = {"seconds": 2.0, **settings}
        return DecisionClient(
            Settings(ADDRESS, "me", "secret", **known), httpx2.Client(transport=httpx2.MockTransport(self))
        )


def saying(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return lambda request: echoed(request, body, status, headers or {})


def raising(error: Exception) -> Answer:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise error

    return answer
