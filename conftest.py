"""Says which tests this machine can't run, and lets none of them be left out where CI is set."""

import os
import shutil

import pytest

NO_CHROMIUM = "Chromium is not installed here; as root on Debian, `apt-get install chromium` brings it"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is None or _chromium() is not None:
        return
    if _in_ci():
        pytest.fail(f"{NO_CHROMIUM}. CI has to run this test.", pytrace=False)
    pytest.skip(f"NOT RUN: {NO_CHROMIUM}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped: list[pytest.TestReport] = terminalreporter.getreports("skipped")
    left_out = sum(NO_CHROMIUM in str(report.longrepr) for report in skipped)
    if left_out:
        terminalreporter.write_line(f"NOT RUN: {left_out} browser tests. {NO_CHROMIUM}.", red=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser, for tests marked `browser`."""
    path = _chromium()
    assert path is not None, NO_CHROMIUM
    return path


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome")


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")
