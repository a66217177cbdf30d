"""Who asks, as headers: somebody in her session, or the bearer of a token that is fetched as any client fetches it."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.client import (
    CLIENT_SECRET,
    DIRECTORY_CLIENT_ID,
    DIRECTORY_REDIRECT,
    DIRECTORY_SCOPE,
)
from bench.errors import BenchError
from bench.http import Answer, answer_to, basic, request_bytes
from bench.servers import Server

_RENEWED_AFTER_SECONDS = 120.0
"""Of the five minutes that a token lives: no sample lasts so long that its token ends."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Caller(Protocol):
    """Somebody who asks."""

    async def headers(self) -> Mapping[str, str]:
        """The credentials, good for the next sample."""
        ...


class InSession:
    """Somebody with a session's cookie."""

    def __init__(self, cookie: str) -> None:
        self._cookie = cookie

    async def headers(self) -> Mapping[str, str]:
        return {"Cookie": self._cookie}


class Bearer:
    """Somebody with an access token of a gateway, which is fetched again in time."""

    def __init__(self, fetch: Callable[[], Awaitable[str]]) -> None:
        self._fetch = fetch
        self._token = ""
        self._fetched_at = -_RENEWED_AFTER_SECONDS

    async def headers(self) -> Mapping[str, str]:
        if time.monotonic() - self._fetched_at > _RENEWED_AFTER_SECONDS or not self._token:
            self._token = await self._fetch()
            self._fetched_at = time.monotonic()
        return {"Authorization": f"Bearer {self._token}"}


def person_bearer(gateway: Server, cookie: str, scope: str = f"openid {DIRECTORY_SCOPE}") -> Bearer:
    """The person of a session through the relying party of one system: authorization code with PKCE."""

    async def fetch() -> str:
        return (await _redeemed(gateway, cookie, scope))["access_token"]

    return Bearer(fetch)


async def refresh_token(gateway: Server, cookie: str) -> str:
    """A refresh token for the person of a session, at the same relying party."""
    return (await _redeemed(gateway, cookie, f"openid offline_access {DIRECTORY_SCOPE}"))["refresh_token"]


def system_bearer(gateway: Server) -> Bearer:
    """The same relying party for itself: client_credentials."""
    form = {"grant_type": "client_credentials", "scope": DIRECTORY_SCOPE, "resource": issuer_of(gateway)}

    async def fetch() -> str:
        return (await _tokens(gateway, form))["access_token"]

    return Bearer(fetch)


def issuer_of(gateway: Server) -> str:
    """Also the audience of tokens for its own APIs."""
    return f"http://localhost:{gateway.port}"


async def key_set(gateway: Server) -> dict[str, Any]:
    """The public keys that its tokens are signed with (RFC 7517)."""
    answer = await answer_to(gateway.port, request_bytes("GET", "/oauth2/jwks", gateway.port))
    if answer.status != 200:
        raise BenchError(f"{gateway.name} shows no keys: {_words(answer)}")
    return answer.json()


async def _code(gateway: Server, cookie: str, verifier: str, scope: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": DIRECTORY_CLIENT_ID,
        "redirect_uri": DIRECTORY_REDIRECT,
        "scope": scope,
        "state": "bench",
        "nonce": "bench",
        "resource": issuer_of(gateway),
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    path = f"/oauth2/authorize?{urlencode(asked)}"
    answer = await answer_to(gateway.port, request_bytes("GET", path, gateway.port, headers={"Cookie": cookie}))
    found = parse_qs(urlsplit(answer.location).query).get("code")
    if not found:
        raise BenchError(f"{gateway.name} gave no authorization code: {_words(answer)} {answer.location}")
    return found[0]


async def _redeemed(gateway: Server, cookie: str, scope: str) -> dict[str, str]:
    verifier = secrets.token_urlsafe(48)
    code = await _code(gateway, cookie, verifier, scope)
    form = {"code": code, "redirect_uri": DIRECTORY_REDIRECT, "code_verifier": verifier}
    return await _tokens(gateway, {"grant_type": "authorization_code", **form})


async def _tokens(gateway: Server, form: Mapping[str, str]) -> dict[str, str]:
    headers = basic(DIRECTORY_CLIENT_ID, CLIENT_SECRET) | _FORM
    body = urlencode(form).encode()
    answer = await answer_to(gateway.port, request_bytes("POST", "/oauth2/token", gateway.port, body, headers))
    if answer.status != 200:
        raise BenchError(f"{gateway.name} gave no access token: {_words(answer)}")
    return answer.json()


def _words(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:300].decode(errors='replace')}"
