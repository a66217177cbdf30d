"""A person in Chromium: signs in, walks the tree, asks in GraphQL, and goes on to the example reporting system."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.demo.mix import mix
from tests.databases import data_directory
from tests.gateway.prepared import prepared_serving
from tests.gateway.process import Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def demo() -> Iterator[Serving]:
    """A gateway with its example system, as `make run` starts them."""
    with data_directory() as directory, prepared_serving({"HALLPASS_DATA_DIR": str(directory)}, "--demo") as started:
        yield started


def sign_in(page: Page, demo: Serving, name: str) -> None:
    page.goto(f"{demo.url}/signin")
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(mix().password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def test_a_coordinator_walks_the_tree_asks_and_reads_results(page: Page, demo: Serving) -> None:
    sign_in(page, demo, "coordinator")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Teodoro Villaseñor")

    page.get_by_role("link", name="Organizations and people").click()
    page.get_by_role("main").get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("link", name="Acorn Elementary").click()
    page.get_by_role("link", name="Quach, Meilin").click()
    expect(page.get_by_text("Site CAASPP Coordinator")).to_be_visible()

    page.get_by_role("link", name="Ask in GraphQL").click()
    page.get_by_role("link", name="The first people whom I may see").click()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("pre.answer")).to_contain_text("superintendent@example.org")

    page.get_by_role("link", name="Start").click()
    page.get_by_role("link", name=re.compile("Educator Reporting System")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results you may see")
    expect(page.get_by_text("the whole LEA and every school in it")).to_be_visible()
    page.get_by_role("link", name="Acorn Elementary").click()
    expect(page.get_by_role("table")).to_contain_text("Summative score")


def test_a_teacher_sees_only_her_student_groups(page: Page, demo: Serving) -> None:
    sign_in(page, demo, "teacher")
    page.get_by_role("link", name=re.compile("Educator Reporting System")).click()
    expect(page.get_by_text("only the student groups you hold")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("link")).to_have_count(1)


def test_somebody_without_access_learns_the_missing_step(chromium_browser: Browser, demo: Serving) -> None:
    context = chromium_browser.new_context()
    page = context.new_page()
    sign_in(page, demo, "unsigned")
    answer = page.goto(_example(demo) + "signin")
    assert answer
    assert answer.status == 403
    expect(page.get_by_role("main")).to_contain_text("Security Affidavit")
    context.close()


def test_the_role_is_switched_without_a_script(chromium_browser: Browser, demo: Serving) -> None:
    context = chromium_browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo, "both")
    page.get_by_text("ELPAC Test Examiner 2026-27").click()
    page.get_by_label("CAASPP Test Administrator").check()
    page.get_by_role("button", name="Switch role").click()
    expect(page.get_by_role("heading", name="Your systems")).to_contain_text("CAASPP Test Administrator")
    context.close()


def _example(demo: Serving) -> str:
    """Where the example system runs, as the gateway's start said."""
    found = re.search(r"Example reporting system: (\S+)", demo.log.read_text(encoding="utf-8"))
    assert found
    return found[1]
