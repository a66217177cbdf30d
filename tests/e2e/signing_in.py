"""People who sign in at a running gateway as a browser does, and what their session then asks."""

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.e2e.secret_values import SecretValues
from tests.oidc.world import CALLBACK, CHALLENGE, PASSWORD, REPORTING, SECRET, VERIFIER, csrf, returned

AUTHORIZATION_REQUEST = {
    "response_type": "code",
    "client_id": REPORTING.client_id,
    "scope": "openid assessment",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
"""A good one, but for the redirect URI."""


@dataclass(slots=True)
class SignedIn:
    """A person's session; its cookie opens every process of the gateway."""

    cookies: dict[str, str]

    def at(self, url: str) -> httpx2.Client:
        return httpx2.Client(base_url=url, cookies=self.cookies, timeout=30)


def sign_in(url: str, name: str, secrets: SecretValues, onward: str = "/") -> tuple[SignedIn, httpx2.Response]:
    """By the real form. The session, and the redirect with which it began."""
    with httpx2.Client(base_url=url, timeout=30) as http:
        page = http.get("/signin", params={"next": onward})
        token = csrf(page)
        secrets.keep(token, *http.cookies.values())
        form = {"email": f"{name}@example.org", "password": PASSWORD, "next": onward, "csrf": token}
        answer = http.post("/signin", data=form)
        assert answer.status_code == 303, answer.text
        secrets.keep(*http.cookies.values())
        return SignedIn(dict(http.cookies)), answer


def data(http: httpx2.Client, document: str, **variables: Any) -> Any:
    """The data of a GraphQL operation that has no errors."""
    answer = http.post("/graphql", json={"query": document, "variables": variables})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "errors" not in body, body["errors"]
    return body["data"]


def access_token(url: str, person: SignedIn, secrets: SecretValues) -> str:
    """The relying party `reporting`'s access token for her, by code and PKCE."""
    asked = {**AUTHORIZATION_REQUEST, "redirect_uri": CALLBACK}
    with person.at(url) as http:
        code = returned(http.get("/oauth2/authorize", params=asked))["code"]
    redeemed = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    answer = httpx2.post(f"{url}/oauth2/token", data=redeemed, auth=(REPORTING.client_id, SECRET), timeout=30)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    secrets.keep(code, VERIFIER, tokens["access_token"], tokens["id_token"])
    return tokens["access_token"]
