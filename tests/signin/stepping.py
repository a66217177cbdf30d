"""What the tests of second steps share: an authenticator app, and a person on its pages."""

import base64
import re
from datetime import datetime

import httpx2

from policy.totp import code_at, step_at
from tests.oidc.world import Browser, csrf

SET_UP, STEP, CODE = "/signin/second-step/set-up", "/signin/second-step", "/signin/code"


def secret_on(page: httpx2.Response) -> bytes:
    """The secret as a person would type it from the page into an app."""
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found is not None, page.text
    return base64.b32decode(found[1].replace(" ", ""))


def code_now(secret: bytes, now: datetime, later: int = 0) -> str:
    return code_at(secret, step_at(now) + later)


def codes_on(page: httpx2.Response) -> list[str]:
    return re.findall(r"<code>([a-z2-7-]{29})</code>", page.text)


async def send(browser: Browser, path: str, **typed: str) -> httpx2.Response:
    """The form of a page at the path, filled in."""
    page = await browser.http.get(path)
    assert page.status_code == 200, (page.status_code, page.headers.get("location"))
    return await browser.http.post(path, data={"csrf": csrf(page), **typed})


async def set_up(browser: Browser, now: datetime) -> tuple[bytes, httpx2.Response]:
    """Set an app up on the page that a sign-in leads to; its secret, and the page with the recovery codes."""
    secret = secret_on(await browser.http.get(SET_UP))
    return secret, await send(browser, SET_UP, code=code_now(secret, now))


async def step(browser: Browser, code: str, way: str = "app") -> httpx2.Response:
    return await send(browser, STEP, code=code, way=way)
