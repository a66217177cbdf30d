"""The pages on which a person reads and signs her forms: without scripts, by her own session, refused with a reason."""

import pytest

from store.database import Connection
from tests.oidc.world import PARK, Browser, csrf, person

FORM = "/account/forms/caaspp/2026-27/security-affidavit"


@pytest.mark.rule("S0-18", "access")
async def test_a_person_reads_and_signs(browser: Browser, connection: Connection) -> None:
    user = await person(connection, "pat", ("test-administrator", PARK), forms=False)
    await browser.sign_in("pat")
    start = await browser.http.get("/")
    assert 'href="/account/forms"' in start.text
    listed = await browser.http.get("/account/forms")
    assert f'href="{FORM}"' in listed.text
    page = await browser.http.get(FORM)
    assert "secure CAASPP test materials" in page.text
    assert "<script" not in page.text
    assert '<label for="signature">' in page.text
    sent = {"csrf": csrf(page), "version": "2025-26", "signature": "Somebody Else"}
    refused = await browser.http.post(FORM, data=sent)
    assert refused.status_code == 422
    assert "not your name, Pat Example" in refused.text
    assert 'role="alert"' in refused.text
    assert 'value="Somebody Else"' in refused.text
    done = await browser.http.post(FORM, data=sent | {"signature": "pat example"})
    assert (done.status_code, done.headers["location"]) == (303, "/account/forms")
    assert await connection.fetchval("select form from signed_forms where user_id = $1", user) == "security-affidavit"
    assert "You have signed everything" in (await browser.http.get("/account/forms")).text
    signed = await browser.http.get(FORM)
    assert "Signed by Pat Example on" in signed.text
    assert 'name="signature"' not in signed.text


async def test_a_form_that_is_not_asked_is_not_there(browser: Browser, connection: Connection) -> None:
    await person(connection, "pat", ("test-administrator", PARK), forms=False)
    await browser.sign_in("pat")
    for path in ("/account/forms/caaspp/2026-27/security-agreement", "/account/forms/x/y/z"):
        assert (await browser.http.get(path)).status_code == 404


async def test_signed_out_one_signs_in_first(browser: Browser) -> None:
    answer = await browser.http.get(FORM)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=%2Faccount%2Fforms")


async def test_a_form_from_elsewhere_signs_nothing(browser: Browser, connection: Connection) -> None:
    await person(connection, "pat", ("test-administrator", PARK), forms=False)
    await browser.sign_in("pat")
    sent = {"version": "2025-26", "signature": "pat example"}
    assert (await browser.http.post(FORM, data=sent)).status_code == 403
    page = await browser.http.get(FORM)
    sent["csrf"] = csrf(page)
    answer = await browser.http.post(FORM, data=sent, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await connection.fetchval("select count(*) from signed_forms") == 0
