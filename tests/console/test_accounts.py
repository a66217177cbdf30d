"""Managing a person's account on her page, and changing one's own address: plain forms over the mutations."""

import re

import pytest

from tests.console.conftest import Browser, SignIn


async def person_page(browser: Browser, name: str) -> str:
    """The address of a person's page, as the coordinator comes to it."""
    found = await browser.get(f"/console?q={name}")
    address = re.search(r'href="(/console/users/[0-9a-f-]+)"', found.text)
    assert address, found.text
    return address[1]


@pytest.mark.rule("S0-49", "S0-50", "S0-22")
async def test_a_coordinator_suspends_lifts_and_resets(sign_in: SignIn) -> None:
    browser = await sign_in("coordinator")
    address = await person_page(browser, "teacher@example.org")
    page = await browser.get(address)
    assert "Manage the account" in page.text
    done = await browser.post(f"{address}/suspend", page, comment="On leave until spring.")
    assert (done.status_code, done.headers["location"]) == (303, f"{address}?done=suspend")
    page = await browser.get(done.headers["location"])
    assert "On leave until spring." in page.text
    assert "Reset the password" not in page.text
    refused = await browser.post(f"{address}/reset", page)
    assert refused.status_code == 422
    assert "suspended" in refused.text
    done = await browser.post(f"{address}/lift", page)
    assert done.status_code == 303
    page = await browser.get(address)
    done = await browser.post(f"{address}/reset", page)
    assert done.headers["location"] == f"{address}?done=reset"
    assert "A link to choose a new password is on its way." in (await browser.get(done.headers["location"])).text


async def test_an_unknown_change_is_not_found(sign_in: SignIn) -> None:
    browser = await sign_in("coordinator")
    address = await person_page(browser, "site@example.org")
    page = await browser.get(address)
    assert (await browser.post(f"{address}/promote", page)).status_code == 404


async def test_nobody_manages_her_own_account_here(sign_in: SignIn) -> None:
    browser = await sign_in("site")
    page = await browser.get("/account")
    assert "Change your password" in page.text
    refused = await browser.post("/account/address", page, email="nonsense")
    assert refused.status_code == 422
    assert "This is no e-mail address." in refused.text
    done = await browser.post("/account/address", page, email="another@site.example")
    assert done.headers["location"] == "/account?asked=address"
    assert "present and to your new address" in (await browser.get(done.headers["location"])).text


@pytest.mark.rule("accounts-3")
async def test_she_changes_her_own_numbers_there(sign_in: SignIn) -> None:
    browser = await sign_in("site")
    page = await browser.get("/account")
    for phone, why in (("", "Type the number"), ("none", "phone number")):
        refused = await browser.post("/account/numbers", page, phone=phone, fax="")
        assert refused.status_code == 422
        assert why in refused.text
    done = await browser.post("/account/numbers", page, phone="916-555-0177", fax="916-555-0178")
    assert done.headers["location"] == "/account?done=numbers"
    page = await browser.get(done.headers["location"])
    assert "Your numbers are changed." in page.text
    assert 'value="916-555-0177"' in page.text
    done = await browser.post("/account/numbers", page, phone="916-555-0177", fax="")
    assert "916-555-0178" not in (await browser.get(done.headers["location"])).text
