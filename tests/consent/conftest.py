"""Fixtures of this folder: those of the provider, and relying parties that aren't the state's own."""

import html
import re
from dataclasses import dataclass, replace
from typing import Final

import httpx2
import pytest

from gateway.oidc.client.authentication import secret_hash
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.relying_parties import RelyingParty, insert_relying_party
from tests.oidc.fixtures import app, browser, clock, gateway
from tests.oidc.world import (
    CERS,
    ELPAC,
    HILL,
    ISSUER,
    PARK,
    REPORTING,
    SECRET,
    Browser,
    csrf,
    give,
    ident,
    person,
    sign,
)

__all__ = ["app", "browser", "clock", "gateway"]

VENDOR: Final = replace(REPORTING, client_id="reporting-vendor", label="Vendor <Reports>", first_party=False)
CAASPP_ROLE: Final = "caaspp/site-coordinator/2026-27"
ELPAC_ROLE: Final = "elpac/site-coordinator/2026-27"
NATIVE: Final = RelyingParty(
    client_id="native",
    label="Results on the desk",
    systems=(CERS,),
    auth_method="none",
    redirect_uris=("https://native.example/callback", "http://127.0.0.1/callback"),
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    scopes=REPORTING.scopes,
)
OWN_NATIVE: Final = replace(NATIVE, client_id="own-native", first_party=True)


@dataclass(slots=True)
class Visitor(Browser):
    """Somebody's browser at a relying party that isn't the state's own."""

    async def redeem(self, code: str, /, **changes: str | None) -> httpx2.Response:
        secret = {"client_secret": SECRET, "client_id": VENDOR.client_id}
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 64, **secret, **changes}
        form.setdefault("redirect_uri", self.client.redirect_uris[0])
        return await self.http.post("/oauth2/token", data={k: v for k, v in form.items() if v is not None})

    async def renew(self, refresh_token: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self.http.post(
            "/oauth2/token", data={**form, "client_id": "reporting-vendor", "client_secret": SECRET}
        )

    async def decide(self, page: httpx2.Response, decision: str = "allow", **changes: str) -> httpx2.Response:
        """Send the consent page's form."""
        assert page.status_code == 200, page.text
        form = {"csrf": csrf(page), "consent": sealed(page), "decision": decision, **changes}
        return await self.http.post("/oauth2/consent", data=form, headers={"Origin": ISSUER})


def sealed(page: httpx2.Response) -> str:
    return html.unescape(re.findall(r'name="consent" value="([^"]+)"', page.text)[0])


def asks_for_consent(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and 'action="/oauth2/consent"' in answer.text


@pytest.fixture
async def visitor(gateway: Gateway, connection: Connection, browser: Browser) -> Visitor:
    """Ana, site coordinator at Park Elementary, signed in, at a vendor's reporting system."""
    vendor = replace(VENDOR, auth_method="client_secret_post", secret_hashes=(secret_hash(SECRET),))
    for client in (vendor, NATIVE, OWN_NATIVE):
        await insert_relying_party(connection, client)
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return Visitor(browser.http, vendor)


@pytest.fixture
async def at(visitor: Visitor, connection: Connection) -> Browser:
    """Ana holds two roles, the first one at two schools; her session begins with one of them."""
    ana = UserId(ident("ana"))
    await sign(connection, ana, ELPAC)
    await give(connection, ana, "site-coordinator", PARK, ELPAC)
    await give(connection, ana, "site-coordinator", HILL)
    await connection.execute("update relying_parties set launch_uri = redirect_uris[1] || '?from=launchpad'")
    return Browser(visitor.http)
