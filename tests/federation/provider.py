"""A small OpenID provider in Python that answers rightly, or wrongly in one way: what the gateway must refuse."""

import asyncio
import base64
import hashlib
import json
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.oidc.world import Clock

CLIENT_ID = "hallpass-at-valley"
CLIENT_SECRET = "a secret: of+the%district"
Key = ECKey | OctKey | RSAKey


@dataclass(slots=True)
class Asked:
    """An authorization request that the provider has answered with a code."""

    nonce: str
    challenge: str
    redirect_uri: str


@dataclass(slots=True)
class FakeProvider:
    clock: Clock
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    alg: str = "ES256"
    issuer: str = ""
    subject: str = "subject-1"
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    """Claims in place of the right ones; None leaves one out."""
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    published: list[Key] | None = None
    """The key set; None: the signing key."""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    down: bool = False
    id_token: str | None = None
    """A ready token in place of a new one."""
    calls: list[str] = field(default_factory=list[str])
    codes: dict[str, Asked] = field(default_factory=dict[str, Asked])

    def discovery(self) -> dict[str, Any]:
        right: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "none", "HS256"],
            "authorization_response_iss_parameter_supported": True,
            "code_challenge_methods_supported": ["S256"],
        }
        return {name: value for name, value in {**right, **self.metadata}.items() if value is not None}

    def authorize(self, address: str) -> dict[str, str]:
        """What the provider sends the browser back with, for the authorization request at this address."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        assert query["client_id"] == CLIENT_ID
        code = secrets.token_urlsafe(16)
        self.codes[code] = Asked(query["nonce"], query["code_challenge"], query["redirect_uri"])
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def token_of(self, asked: Asked, access_token: str) -> str:
        now = int(self.clock().timestamp())
        right: dict[str, Any] = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300,
            "nonce": asked.nonce, "email": f"{self.subject}@valley.example", "email_verified": True,
            "at_hash": half_hash(access_token),
        }  # fmt: skip
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        header = {"alg": self.alg, "kid": self.key.kid, "typ": "JWT", **self.header}
        return signed(header, claims, self.key)

    async def keys(self, request: Request) -> Response:
        self.calls.append("keys")
        if self.down:
            return JSONResponse({}, 503)
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.published or [self.key]]})

    async def configuration(self, request: Request) -> Response:
        self.calls.append("discovery")
        return JSONResponse(self.discovery())

    async def token(self, request: Request) -> Response:
        self.calls.append("token")
        form = await request.form()
        asked = self.codes.pop(str(form.get("code")), None)
        verifier = str(form.get("code_verifier"))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        pair = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().split(":")
        right = [unquote(one) for one in pair] == [CLIENT_ID, CLIENT_SECRET]
        if asked is None or challenge != asked.challenge or form.get("redirect_uri") != asked.redirect_uri or not right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = "an access token"
        given = self.id_token or self.token_of(asked, token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "id_token": given})


def half_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    """Also with a header that no library would write."""
    if header["alg"] == "none":
        return f"{_part(header)}.{_part(claims)}."
    plain = {name: value for name, value in header.items() if name in ("alg", "kid", "typ")}
    token = jwt.encode(plain, claims, key, algorithms=[header["alg"]])
    if plain == header:
        return token
    signing_input = f"{_part(header)}.{_part(claims)}"
    return f"{signing_input}.{token.rpartition('.')[2]}"


@asynccontextmanager
async def serving(provider: FakeProvider) -> AsyncGenerator[FakeProvider]:
    """The provider at an address of its own on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        provider.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", provider.configuration),
                Route("/keys", provider.keys),
                Route("/token", provider.token, methods=["POST"]),
            ]
        )
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve([listening]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await running


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
