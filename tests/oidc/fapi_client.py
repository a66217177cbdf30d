"""A relying party that keeps to FAPI 2.0: it pushes its requests, and proves itself and its tokens with its key."""

from dataclasses import dataclass
from typing import Any

import httpx2

from gateway.state import Gateway
from tests.oidc.keyholder import KeyHolder, asserted
from tests.oidc.world import ISSUER, Browser, returned
from tests.openapi.judge import documented

AUTHORIZE, PAR, TOKEN, USERINFO = "/oauth2/authorize", "/oauth2/par", "/oauth2/token", "/oauth2/userinfo"
SCOPE = "openid assessment offline_access"


@dataclass(slots=True)
class FapiClient:
    """`holder`: its key, for assertions and proofs alike."""

    gateway: Gateway
    browser: Browser
    holder: KeyHolder

    def proof(self, path: str, method: str = "POST", **claims: Any) -> dict[str, str]:
        return self.holder.proof(self.gateway, method, path, None, **claims)

    def proven(self, form: dict[str, str], **claims: Any) -> dict[str, str]:
        """The form with an assertion whose audience is the issuer."""
        return {**form, **asserted(self.holder.assertion(None, **{"aud": ISSUER, **claims}))}

    async def push(self, headers: dict[str, str] | None = None, **changes: Any) -> httpx2.Response:
        form = self.browser.request(scope=SCOPE, **changes)
        answer = await self.browser.http.post(PAR, data=self.proven(form), headers=headers or {})
        assert documented(answer, PAR)
        return answer

    async def pushed(self, headers: dict[str, str] | None = None, **changes: Any) -> str:
        answer = await self.push(headers, **changes)
        assert answer.status_code == 201, answer.text
        return answer.json()["request_uri"]

    async def authorize(self, uri: str, **beside: str) -> httpx2.Response:
        asked = {"client_id": self.browser.client.client_id, "request_uri": uri, **beside}
        return await self.browser.http.get(AUTHORIZE, params=asked)

    async def code(self, headers: dict[str, str] | None = None, **changes: Any) -> str:
        answer = returned(await self.authorize(await self.pushed(headers, **changes)))
        assert "code" in answer, answer
        return answer["code"]

    async def token(self, form: dict[str, str], headers: dict[str, str] | None = None) -> httpx2.Response:
        """With a proof of its own key, unless other headers are given."""
        sent = self.proof(TOKEN) if headers is None else headers
        answer = await self.browser.http.post(TOKEN, data=self.proven(form), headers=sent)
        assert documented(answer, TOKEN)
        return answer

    async def redeem(self, code: str, headers: dict[str, str] | None = None, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": "v" * 64,
            "redirect_uri": self.browser.client.redirect_uris[0], **changes,
        }  # fmt: skip
        return await self.token(form, headers)

    async def tokens(self, **changes: Any) -> dict[str, Any]:
        answer = await self.redeem(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def userinfo(self, token: str, scheme: str = "DPoP", **claims: Any) -> httpx2.Response:
        headers = {"Authorization": f"{scheme} {token}", **self.proof(USERINFO, "GET", **{"token": token, **claims})}
        return await self.browser.http.get(USERINFO, headers=headers)
