"""Receivers of the tests: two relying parties that learn of changes by signals, and how they call and are called."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.oidc.client.authentication import secret_hash
from policy.ids import UserId
from store.database import Connection
from store.relying_parties import RelyingParty, insert_relying_party
from tests.oidc.world import CERS, EVERY_GRANT, THSS, ident

ISSUER = "http://localhost:8000"
SIGNALS = frozenset({"ssf.read", "ssf.manage"})
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
LISTENER = RelyingParty(
    client_id="listener",
    label="CERS",
    systems=(CERS,),
    auth_method="client_secret_post",
    secret_hashes=(secret_hash("listener-secret"),),
    redirect_uris=("https://listener.example/callback",),
    grant_types=EVERY_GRANT,
    scopes=SIGNALS | {"openid", "offline_access"},
    changes_by="shared-signals",
)
SCORER = replace(
    LISTENER, client_id="scorer", label="THSS", systems=(THSS,), secret_hashes=(secret_hash("scorer-secret"),)
)
UNREGISTERED = replace(
    LISTENER, client_id="refresher", secret_hashes=(secret_hash("refresher-secret"),), changes_by="refresh"
)


async def receivers(connection: Connection) -> None:
    for client in (LISTENER, SCORER, UNREGISTERED):
        await insert_relying_party(connection, client)


@dataclass(slots=True)
class Api:
    """One relying party at the gateway: every call with a fresh token of its own."""

    http: httpx2.AsyncClient
    client: str = "listener"
    scope: str = "ssf.manage"

    async def token(self, **changes: str) -> str:
        form = {
            "grant_type": "client_credentials", "client_id": self.client, "client_secret": f"{self.client}-secret",
            "scope": self.scope, **changes,
        }  # fmt: skip
        answer = await self.http.post("/oauth2/token", data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    async def call(self, method: str, path: str, body: object = None, **options: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {await self.token()}"}
        if body is not None:
            options["json"] = body
        return await self.http.request(method, path, headers=headers, **options)

    async def create(self, **body: Any) -> dict[str, Any]:
        answer = await self.call("POST", "/ssf/streams", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def poll(self, stream: Mapping[str, Any], **body: Any) -> dict[str, Any]:
        path = str(stream["delivery"]["endpoint_url"]).removeprefix(ISSUER)
        answer = await self.call("POST", path, {"returnImmediately": True, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def fetch(self, stream: Mapping[str, Any], audience: str | None = None) -> list[dict[str, Any]]:
        """Everything that waits, acknowledged, as verified claims in the order of telling."""
        found: list[dict[str, Any]] = []
        keys = await key_set(self.http)
        acknowledged: list[str] = []
        while True:
            answer = await self.poll(stream, ack=acknowledged)
            if not answer["sets"]:
                return found
            acknowledged = list(answer["sets"])
            found += [verified(token, keys, audience or self.client) for token in answer["sets"].values()]

    async def set_status(self, stream: Mapping[str, Any], status: str, **more: Any) -> httpx2.Response:
        return await self.call("POST", "/ssf/status", {"stream_id": stream["stream_id"], "status": status, **more})


async def key_set(http: httpx2.AsyncClient) -> KeySet:
    answer = await http.get("/oauth2/jwks")
    return KeySet.import_key_set(answer.json())


def verified(token: str, keys: KeySet, audience: str) -> dict[str, Any]:
    """What a careful receiver does with a SET (RFC 8417, SSF 1.0 section 4)."""
    decoded = jwt.decode(token, keys, algorithms=["RS256"])
    assert decoded.header["typ"] == "secevent+jwt"
    claims = decoded.claims
    assert claims["iss"] == ISSUER
    assert claims["aud"] == audience
    assert not {"sub", "exp", "nonce"} & set(claims)
    assert len(claims["events"]) == 1
    assert {"jti", "iat", "txn", "sub_id"} <= set(claims)
    return claims


def kind_of(claims: Mapping[str, Any]) -> str:
    return next(iter(claims["events"])).rpartition("/")[2]


def event_of(claims: Mapping[str, Any]) -> dict[str, Any]:
    return next(iter(claims["events"].values()))


def person_of(claims: Mapping[str, Any]) -> str | None:
    subject = claims["sub_id"]
    return subject.get("user", subject).get("sub")


def subject(name: str) -> dict[str, str]:
    return {"format": "iss_sub", "iss": ISSUER, "sub": str(ident(name))}


def user_id(name: str) -> UserId:
    return UserId(ident(name))


@dataclass(slots=True)
class Receiver:
    """A receiver's server on this machine. `answers` says what the next calls get; after that, 202."""

    port: int = 0
    taken: list[str] = field(default_factory=list[str])
    """SETs that were answered by 202, in the order in which they came."""
    seen: list[str] = field(default_factory=list[str])
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    down: bool = False
    refuse: Callable[[str], Response | None] = lambda _: None
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    def start(self) -> None:
        app = Starlette(routes=[Route("/events", self._events, methods=["POST"])])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        self.port = server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
        self._server = self._thread = None

    async def _events(self, request: Request) -> Response:
        token = (await request.body()).decode()
        self.headers.append(dict(request.headers))
        self.seen.append(token)
        if self.down:
            return Response(status_code=503)
        refused = self.refuse(token)
        if refused is not None:
            return refused
        self.taken.append(token)
        return Response(status_code=202)


def refusal(error: str, status: int = 400) -> Response:
    """RFC 8935 section 2.3."""
    return JSONResponse({"err": error, "description": "Not this one."}, status_code=status)


def claims_unchecked(token: str) -> dict[str, Any]:
    import base64

    text = token.split(".")[1]
    with suppress(ValueError):
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return {}
