"""Launchpad, account and consent in Chromium: two tabs with two roles, axe in both themes and on a phone."""

import os
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.accessibility import faults, overflows
from tests.console.test_browser import sign_in
from tests.databases import data_directory
from tests.gateway.prepared import prepared_serving
from tests.gateway.process import Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADMINISTRATOR = "caaspp/test-administrator/2026-27"
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
LOOKS: dict[str, tuple[Literal["light", "dark"], ViewportSize]] = {
    "light": ("light", WIDE),
    "dark": ("dark", WIDE),
    "phone": ("light", PHONE),
    "dark-phone": ("dark", PHONE),
}


@pytest.fixture(scope="module")
def demo() -> Iterator[Serving]:
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as started:
        yield started


@pytest.fixture
def context(chromium_browser: Browser) -> Iterator[BrowserContext]:
    opened = chromium_browser.new_context()
    yield opened
    opened.close()


class _Back(BaseHTTPRequestHandler):
    """Where the demo's public client listens."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@pytest.fixture(scope="module")
def callback() -> Iterator[str]:
    """The redirect URI of the demo's public client on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Back) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/callback"
        server.shutdown()


def consent_address(demo: Serving, callback: str, **changes: str) -> str:
    """The request of the demo's public client, which is asked for each time."""
    asked = {
        "client_id": "command-line",
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "openid profile assessment offline_access",
        "state": "s-1",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return f"{demo.url}/oauth2/authorize?{urlencode(asked | changes)}"


def shown_role(page: Page) -> str:
    return page.locator(".switcher summary").inner_text()


@pytest.mark.rule("S4-06")
def test_two_tabs_work_under_two_roles(context: BrowserContext, demo: Serving) -> None:
    one = context.new_page()
    sign_in(one, demo, "both")
    expect(one.get_by_role("heading", name="Your systems")).to_contain_text("ELPAC Test Examiner")
    with context.expect_page() as opened:
        one.get_by_role("link", name=re.compile("CAASPP Test Administrator")).click(modifiers=["Control"])
    other = opened.value
    expect(other.get_by_role("heading", name="Your systems")).to_contain_text("CAASPP Test Administrator")
    for name in ("Organizations", "Your account", "Start"):
        for tab, role in ((one, "ELPAC Test Examiner"), (other, "CAASPP Test Administrator")):
            tab.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()
            assert role in shown_role(tab), name
    one.reload()
    assert "ELPAC Test Examiner" in shown_role(one)
    other.goto(f"{demo.url}/account?as={ADMINISTRATOR}")
    other.get_by_label("Phone").fill("916-555-0188")
    other.get_by_role("button", name="Change the numbers").click()
    expect(other.get_by_text("Your numbers are changed.")).to_be_visible()
    assert "CAASPP Test Administrator" in shown_role(other)


def test_switching_in_one_tab_leaves_the_other(context: BrowserContext, demo: Serving) -> None:
    one, other = context.new_page(), context.new_page()
    sign_in(one, demo, "both")
    other.goto(f"{demo.url}/account")
    one.locator(".switcher summary").click()
    one.get_by_label("CAASPP Test Administrator").check()
    one.get_by_role("button", name="Switch role").click()
    assert "CAASPP Test Administrator" in shown_role(one)
    other.reload()
    assert "ELPAC Test Examiner" in shown_role(other)


def test_a_launch_takes_the_tabs_role_along(context: BrowserContext, demo: Serving) -> None:
    page = context.new_page()
    sign_in(page, demo, "both")
    page.goto(f"{demo.url}/?as={ADMINISTRATOR}")
    page.get_by_role("link", name=re.compile("Educator Reporting System")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results you may see")
    expect(page.get_by_role("main")).to_contain_text("test administrator in CAASPP")


def test_consent_is_refused_and_allowed(context: BrowserContext, demo: Serving, callback: str) -> None:
    page = context.new_page()
    sign_in(page, demo, "site")
    page.goto(consent_address(demo, callback))
    expect(page.get_by_role("heading", level=1)).to_have_text("Let Command-line tool (example of a public client) in?")
    page.get_by_role("button", name="Refuse").click()
    page.wait_for_url(re.compile("error=access_denied"))
    page.goto(consent_address(demo, callback))
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(re.compile("code="))
    page.goto(f"{demo.url}/account")
    page.get_by_role("button", name=re.compile("Take it back from Command-line tool")).click()
    expect(page.get_by_text("It is taken back.")).to_be_visible()


@pytest.mark.parametrize("name", ["coordinator", "both", "unsigned"])
def test_pages_are_accessible(context: BrowserContext, demo: Serving, callback: str, name: str) -> None:
    page = context.new_page()
    sign_in(page, demo, name)
    addresses = {"launchpad": f"{demo.url}/", "access": f"{demo.url}/account/access"}
    if name != "unsigned":
        page.goto(consent_address(demo, callback))
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(re.compile("code="))
        addresses["consent"] = consent_address(demo, callback, scope="openid profile")
    for what, address in (addresses | {"account": f"{demo.url}/account"}).items():
        page.goto(address)
        for look, (theme, size) in LOOKS.items():
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # colors in passing would be judged
            page.set_viewport_size(size)
            assert faults(page) == [], (what, look)
            assert not overflows(page), (what, look)
            _keep(page, f"{what}-{name}-{look}")


def _keep(page: Page, name: str) -> None:
    """HALLPASS_SCREENSHOTS names a folder: pictures of the pages, to be looked at."""
    folder = os.environ.get("HALLPASS_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
