"""Where somebody is signed in, at `/account`: other sessions are ended one by one or all at once."""

import re

import httpx2
import pytest

from gateway.console.user_agents import device
from tests.console.conftest import Browser, SignIn


def others(page: httpx2.Response) -> list[str]:
    return re.findall(r'name="session" value="([^"]+)"', page.text)


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.http.get("/account")).status_code == 200


async def test_another_session_is_ended_and_this_one_goes_on(sign_in: SignIn) -> None:
    here, there = await sign_in("educator"), await sign_in("educator")
    page = await here.get("/account")
    assert len(others(page)) >= 1
    for session in others(page):
        answer = await here.post("/account/sessions", page, session=session)
        assert answer.headers["location"] == "/account?done=session#sessions"
    assert (await is_signed_in(here), await is_signed_in(there)) == (True, False)
    assert others(await here.get("/account?done=session")) == []


async def test_everywhere_else_and_everywhere(sign_in: SignIn) -> None:
    here, there = await sign_in("educator"), await sign_in("educator")
    page = await here.get("/account")
    await here.post("/account/sessions/all", page, keep="this")
    assert (await is_signed_in(here), await is_signed_in(there)) == (True, False)
    answer = await here.post("/account/sessions/all", page)
    assert answer.headers["location"] == "/signin"
    assert not await is_signed_in(here)


@pytest.mark.checklist(54)
async def test_somebody_elses_session_is_not_found(sign_in: SignIn) -> None:
    await sign_in("teacher")
    teacher = await sign_in("teacher")
    (known, *_) = others(await teacher.get("/account"))
    stranger = await sign_in("educator")
    page = await stranger.get("/account")
    for session in (known, "00000000-0000-4000-8000-000000000000", "x", ""):
        assert (await stranger.post("/account/sessions", page, session=session)).status_code == 404
    assert known in others(await teacher.get("/account"))


@pytest.mark.checklist(39)
@pytest.mark.parametrize("path", ["/account/sessions", "/account/sessions/all"])
async def test_another_site_signs_nobody_out(sign_in: SignIn, path: str) -> None:
    browser = await sign_in("educator")
    answer = await browser.http.post(path, data={"session": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await is_signed_in(browser)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            "Chrome on Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/142.0 Safari/537.36", "Chrome on a Chromebook"),
        ("", "An unknown browser"),
        ("<script>", "An unknown browser"),
    ],
)
def test_devices_have_names_that_people_know(agent: str, words: str) -> None:
    assert device(agent) == words
