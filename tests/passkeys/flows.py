"""What tests of passkeys do with a browser: the pages' forms, with an authenticator in software behind them."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx2

from gateway.cookies import Cookie
from policy.ids import OrganizationId, UserId
from store.database import Connection
from store.sessions import NewSession, insert_session
from tests.oidc.world import NOW, Browser, csrf
from tests.passkeys.authenticator import HONEST, SoftKey, Twist

OWN_PAGE = "/account/passkeys"
AAL1, AAL2 = "urn:hallpass:aal1", "urn:hallpass:aal2"


async def in_session(
    connection: Connection,
    browser: Browser,
    user: UserId,
    acr: str = AAL1,
    *,
    now: datetime = NOW,
    lea: OrganizationId | None = None,
) -> None:
    """The browser's person proved herself `now`, as surely as `acr` says."""
    token = f"session-{uuid.uuid4()}"
    new = NewSession(
        uuid.uuid4(), hashlib.sha256(token.encode()).digest(), user, now, acr, ("pwd",), None,
        now + timedelta(hours=12), None, lea,
    )  # fmt: skip
    await insert_session(connection, new)
    browser.http.cookies.clear()
    browser.http.cookies.set(Cookie.SESSION, token, domain="localhost.local")


async def fetched(browser: Browser, page: str, options: str) -> httpx2.Response:
    """What the page's script is answered when it asks for options."""
    token = csrf(await browser.http.get(page))
    return await browser.http.post(options, data={"csrf": token})


async def registered(browser: Browser, key: SoftKey, name: str = "Laptop", twist: Twist = HONEST) -> httpx2.Response:
    """The browser's person adds the key to her account."""
    options = (await fetched(browser, OWN_PAGE, f"{OWN_PAGE}/options")).json()["publicKey"]
    return await sent(browser, key.create(options, twist), name)


async def sent(browser: Browser, credential: str, name: str = "Laptop") -> httpx2.Response:
    token = csrf(await browser.http.get(OWN_PAGE))
    return await browser.http.post(OWN_PAGE, data={"csrf": token, "credential": credential, "name": name})


async def asked(browser: Browser) -> dict[str, Any]:
    """The options with which the sign-in page asks for a passkey."""
    answer = await fetched(browser, "/signin?next=/account", "/signin/passkey/options")
    assert answer.status_code == 200, answer.text
    return answer.json()["publicKey"]


async def entered(browser: Browser, key: SoftKey, twist: Twist = HONEST) -> httpx2.Response:
    """The browser's person signs in with the key alone."""
    return await answered(browser, key.get(await asked(browser), twist))


async def answered(browser: Browser, credential: str, onward: str = "/account") -> httpx2.Response:
    token = csrf(await browser.http.get("/signin?next=/account"))
    form = {"csrf": token, "credential": credential, "next": onward}
    return await browser.http.post("/signin/passkey", data=form)


async def signed_in(browser: Browser) -> bool:
    return (await browser.http.get("/account/password")).status_code == 200


async def proof_of(connection: Connection) -> tuple[str, list[str]]:
    """`acr` and `amr` of the one session that runs."""
    row = await connection.fetchrow("select acr, amr from sessions where ended_at is null")
    assert row is not None
    return row["acr"], list(row["amr"])
