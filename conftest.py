"""Says which tests this machine can't run, and lets none of them be left out where CI is set."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_AS_ROOT = "as root on Debian, `apt-get install"


@dataclass(frozen=True, slots=True)
class Needed:
    """Something of the machine that the tests of one marker need."""

    name: str
    packages: str
    found: Callable[[], bool]

    @property
    def missing(self) -> str:
        return f"{self.name} is not installed here; {_AS_ROOT} {self.packages}` brings it"


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome")


def _apache() -> bool:
    return Path("/usr/sbin/apache2").exists() and Path("/usr/lib/apache2/modules/mod_auth_openidc.so").exists()


NEEDED: Mapping[str, Needed] = {
    "browser": Needed("Chromium", "chromium", lambda: _chromium() is not None),
    "apache": Needed("Apache with mod_auth_openidc", "apache2-bin libapache2-mod-auth-openidc", _apache),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, needed in NEEDED.items():
        if item.get_closest_marker(marker) is not None and not needed.found():
            if _in_ci():
                pytest.fail(f"{needed.missing}. CI has to run this test.", pytrace=False)
            pytest.skip(f"NOT RUN: {needed.missing}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped: list[pytest.TestReport] = terminalreporter.getreports("skipped")
    for needed in NEEDED.values():
        left_out = sum(needed.missing in str(report.longrepr) for report in skipped)
        if left_out:
            terminalreporter.write_line(f"NOT RUN: {left_out} tests. {needed.missing}.", red=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser, for tests marked `browser`."""
    path = _chromium()
    assert path is not None, NEEDED["browser"].missing
    return path


@pytest.fixture(scope="module")
def chromium_browser(chromium: str) -> Iterator[Browser]:
    """Chromium for one module's tests: its loop must be gone before another module's coroutines run."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(chromium_browser: Browser) -> Iterator[Page]:
    """A page of a new visitor; whatever the browser complains of fails the test."""
    context = chromium_browser.new_context()
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
