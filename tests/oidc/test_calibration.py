"""Asked the same, Hallpass and npm's oidc-provider answer the same; where they don't, the table says why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette

from tests.oidc.keyholder import KeyHolder
from tests.oidc.parties import THROUGHOUT, as_ours, oidc_provider, told
from tests.oidc.world import CALLBACK, CHALLENGE, NOW, SECRET, VERIFIER, http_of

pytestmark = [pytest.mark.node, pytest.mark.slow]

_REPORTING = ("reporting", SECRET)
_CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}
_CODE = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
_REFRESH = {"grant_type": "refresh_token", "refresh_token": "x"}
_ASKED = {
    "client_id": "reporting",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "state": "s",
    "response_type": "code",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    """The address of npm's oidc-provider with the same registrations."""
    with oidc_provider(KeyHolder(NOW)) as address:
        yield address


@dataclass(frozen=True, slots=True)
class _Posted:
    """A request of a client. `ours`: what Hallpass answers where it isn't what the peer answers, and `why`."""

    name: str
    endpoint: str
    form: dict[str, str] | str = field(default_factory=dict[str, str])
    auth: tuple[str, str] | None = _REPORTING
    ours: str | None = None
    why: str = ""


_TOKEN, _INTROSPECT, _REVOKE, _PAR = "token", "introspection", "revocation", "pushed_authorization_request"
POSTED = (
    _Posted("no grant_type", _TOKEN),
    _Posted("unknown grant_type", _TOKEN, {"grant_type": "nonsense"}),
    _Posted("password grant", _TOKEN, {"grant_type": "password", "username": "a", "password": "b"}),
    _Posted("grant_type twice", _TOKEN, "grant_type=client_credentials&grant_type=client_credentials"),
    _Posted("code missing", _TOKEN, {name: value for name, value in _CODE.items() if name != "code"}),
    _Posted("code unknown", _TOKEN, _CODE),
    _Posted("refresh token missing", _TOKEN, {"grant_type": "refresh_token"}),
    _Posted("refresh token unknown", _TOKEN, _REFRESH),
    _Posted("client_credentials", _TOKEN, _CLIENT_CREDENTIALS),
    _Posted("client_credentials for an unknown resource", _TOKEN, {**_CLIENT_CREDENTIALS, "resource": "https://x/"}),
    _Posted(
        "client_credentials with an unknown scope", _TOKEN, {**_CLIENT_CREDENTIALS, "scope": "nonsense"},
        ours="400 invalid_scope | - | no-store", why="RFC 6749 5.2 has an error for it; the peer leaves the scope out",
    ),
    _Posted("wrong secret", _TOKEN, _CLIENT_CREDENTIALS, ("reporting", "wrong")),
    _Posted("unknown client", _TOKEN, _CLIENT_CREDENTIALS, ("nobody", "wrong")),
    _Posted("other way to authenticate", _TOKEN, {**_CLIENT_CREDENTIALS, "client_id": "reporting"}, None),
    _Posted(
        "secret in the form of a client that is registered for the header", _TOKEN,
        {**_CLIENT_CREDENTIALS, "client_id": "reporting", "client_secret": SECRET}, None,
        ours="401 invalid_client | Basic | no-store",
        why="ASVS 10.4.10: the way that was registered and no other; the peer takes both",
    ),
    _Posted(
        "secret twice", _TOKEN, {**_CLIENT_CREDENTIALS, "client_id": "reporting", "client_secret": SECRET},
    ),
    _Posted(
        "no client", _TOKEN, _CLIENT_CREDENTIALS, None, ours="401 invalid_client | Basic | no-store",
        why="RFC 6749 5.2: client authentication failed, no client authentication included",
    ),
    _Posted("introspection of an unknown token", _INTROSPECT, {"token": "x"}),
    _Posted("introspection of nothing", _INTROSPECT),
    _Posted("introspection with a wrong secret", _INTROSPECT, {"token": "x"}, ("reporting", "wrong")),
    _Posted(
        "introspection by nobody", _INTROSPECT, {"token": "x"}, None, ours="401 invalid_client | Basic | no-store",
        why="RFC 7662 2.3: as above",
    ),
    _Posted("revocation of an unknown token", _REVOKE, {"token": "x"}),
    _Posted("revocation of nothing", _REVOKE),
    _Posted("revocation with a wrong secret", _REVOKE, {"token": "x"}, ("reporting", "wrong")),
    _Posted("pushed", _PAR, _ASKED),
    _Posted("pushed without PKCE", _PAR, {k: v for k, v in _ASKED.items() if not k.startswith("code_")}),
    _Posted("pushed with plain PKCE", _PAR, {**_ASKED, "code_challenge_method": "plain"}),
    _Posted(
        "pushed with a request_uri", _PAR, {**_ASKED, "request_uri": "urn:ietf:params:oauth:request_uri:x"},
        ours="400 invalid_request | - | no-store",
        why="RFC 9126 2.1: it must not be there; the peer names it as unsupported",
    ),
    _Posted("pushed with another redirect_uri", _PAR, {**_ASKED, "redirect_uri": "https://evil.example/"}),
    _Posted("pushed by a wrong secret", _PAR, _ASKED, ("reporting", "wrong")),
)  # fmt: skip


async def test_clients_are_answered_alike(app: Starlette, peer: str) -> None:
    async with http_of(app) as ours, httpx2.AsyncClient() as theirs:
        found = {one.name: (await _posted(ours, "", one), await _posted(theirs, peer, one)) for one in POSTED}
    assert {name: mine for name, (mine, _) in found.items()} == {
        one.name: one.ours or as_ours(found[one.name][1]) for one in POSTED
    }
    gone = [one.name for one in POSTED if one.ours is not None and one.ours == as_ours(found[one.name][1])]
    assert gone == [], "these differences are gone: take them out of the table"
    assert all(any(there in told for _, told in found.values()) for there, _, _ in THROUGHOUT), "so are these"


async def _posted(http: httpx2.AsyncClient, base: str, asked: _Posted) -> str:
    metadata = (await http.get(f"{base}/.well-known/openid-configuration")).json()
    address = metadata[f"{asked.endpoint}_endpoint"]
    form = asked.form if isinstance(asked.form, str) else urlencode(asked.form)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await http.post(address, content=form, headers=headers, auth=asked.auth or httpx2.USE_CLIENT_DEFAULT)
    assert answer.status_code < 500, answer.text
    return told(answer)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that a person's browser brings; an empty value leaves the parameter out."""

    name: str
    changes: dict[str, str] = field(default_factory=dict[str, str])
    more: str = ""
    ours: str | None = None
    why: str = ""


SENT = (
    _Sent("a good one"),
    _Sent("prompt none", {"prompt": "none"}),
    _Sent("prompt none and login", {"prompt": "none login"}),
    _Sent("prompt unknown", {"prompt": "nonsense"}),
    _Sent("no response_type", {"response_type": ""}),
    _Sent("response_type unknown", {"response_type": "nonsense"}),
    _Sent("response_type token", {"response_type": "token"}),
    _Sent("no PKCE", {"code_challenge": "", "code_challenge_method": ""}),
    _Sent("plain PKCE", {"code_challenge_method": "plain"}),
    _Sent("max_age is no number", {"max_age": "-1"}),
    _Sent("request object", {"request": "x"}),
    _Sent("registration", {"registration": "{}"}),
    _Sent("state twice", more="&state=twice"),
    _Sent("resource unknown", {"resource": "https://x.example/"}),
    _Sent("client unknown", {"client_id": "nobody"}),
    _Sent("redirect_uri unknown", {"redirect_uri": "https://evil.example/"}),
    _Sent("redirect_uri with a query added", {"redirect_uri": CALLBACK + "?a=b"}),
    _Sent("redirect_uri in capitals", {"redirect_uri": CALLBACK.upper()}),
    _Sent("no redirect_uri", {"redirect_uri": ""}),
    _Sent("unknown parameters", {"nonsense": "1"}),
    _Sent(
        "response_mode fragment", {"response_mode": "fragment"}, ours="invalid_request",
        why="a code in a fragment reaches scripts only; there is one response mode, query",
    ),
    _Sent(
        "no scope", {"scope": ""}, ours="invalid_scope",
        why="what a relying party wants is said, and shown to the person; nothing is assumed",
    ),
)  # fmt: skip


async def test_browsers_are_answered_alike(app: Starlette, peer: str) -> None:
    async with http_of(app) as ours, httpx2.AsyncClient() as theirs:
        found = {one.name: (await _sent(ours, "", one), await _sent(theirs, peer, one)) for one in SENT}
    assert {name: mine for name, (mine, _) in found.items()} == {
        one.name: one.ours or found[one.name][1] for one in SENT
    }
    gone = [one.name for one in SENT if one.ours is not None and one.ours == found[one.name][1]]
    assert gone == [], "these differences are gone: take them out of the table"


async def _sent(http: httpx2.AsyncClient, base: str, asked: _Sent) -> str:
    """`page`, `interaction`, or the error that the client gets."""
    metadata = (await http.get(f"{base}/.well-known/openid-configuration")).json()
    parameters = {name: value for name, value in (_ASKED | asked.changes).items() if value}
    address = f"{metadata['authorization_endpoint']}?{urlencode(parameters)}{asked.more}"
    answer = await http.get(address)
    assert answer.status_code < 500, answer.text
    if "location" not in answer.headers:
        return "page"
    parts = urlsplit(answer.headers["location"])
    if not answer.headers["location"].startswith(CALLBACK):
        return "interaction"
    returned = parse_qs(parts.query or parts.fragment)
    assert returned["iss"] == [metadata["issuer"]]
    return returned["error"][0]
