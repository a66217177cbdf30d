"""Signing in through a district's provider: by (issuer, subject) alone, inside the district, as long as the link is."""

import pytest

from gateway.state import Gateway
from store.access_version import raise_versions
from store.database import Connection
from store.identity_links import remove_identity_link
from tests.federation.district import go, linked, registered, sessions, sign_in
from tests.federation.provider import FakeProvider
from tests.oidc.world import LEA, PARK, Browser, Clock, person

pytestmark = pytest.mark.checklist(51)


async def test_a_linked_subject_gets_a_session_of_the_district(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    answer = await sign_in(browser, registration, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    (session,) = await sessions(connection, ana)
    assert (session["lea_id"], session["provider_id"], session["amr"]) == (LEA, registration, ["fed"])
    assert session["acr"] == "urn:hallpass:aal1"
    page = await browser.http.get("/account")
    assert (page.status_code, "Ana Example" in page.text) == (200, True)
    assert await connection.fetchval("select last_used_at is not null from identity_links")


@pytest.mark.checklist("51 an address")
async def test_an_address_links_nothing_and_tells_nothing(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """Row 51: the same text whether or not there is an account with the address that the provider states."""
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider, domains=("example.org",))
    texts: list[str] = []
    for address in ("ana@example.org", "nobody@example.org"):
        provider.claims = {"email": address}
        answer = await sign_in(browser, registration, provider)
        assert answer.status_code == 403
        texts.append(answer.text)
    assert texts[0] == texts[1]
    assert "Sign in once with your e-mail address and password" in texts[0]
    assert await sessions(connection, ana) == []
    assert await connection.fetchval("select count(*) from identity_links") == 0


@pytest.mark.checklist("51 another provider's subject")
async def test_the_subject_of_another_provider_is_somebody_else(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """Row 51: identity is (issuer, subject), through the provider that it was linked by."""
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    await connection.execute("update identity_links set issuer = 'https://elsewhere.example'")
    assert (await sign_in(browser, registration, provider)).status_code == 403
    assert await sessions(connection, ana) == []


@pytest.mark.parametrize("subject", ["", "x" * 256, "with blank", "ünï", 7, None, ["subject-1"]])
async def test_what_is_no_subject_signs_nobody_in(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, subject: object
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    provider.claims = {"sub": subject}
    assert (await sign_in(browser, registration, provider)).status_code == 400
    assert await sessions(connection, ana) == []


@pytest.mark.parametrize("status", ["suspended", "inactive", "deleted"])
async def test_somebody_who_is_not_active_stays_out(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, status: str
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    await connection.execute("update users set status = $2 where id = $1", ana, status)
    async with connection.transaction():
        await raise_versions(connection, (ana,))
    assert (await sign_in(browser, registration, provider)).status_code == 403
    assert await sessions(connection, ana) == []


async def test_unlinking_ends_the_sessions_that_came_through_the_link_alone(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    ana, ben = [await person(connection, name, ("site-coordinator", PARK)) for name in ("ana", "ben")]
    registration = await registered(gateway, provider)
    link = await linked(gateway, registration, provider, ana)
    assert (await sign_in(browser, registration, provider)).status_code == 303
    provider.subject = "subject-2"
    await linked(gateway, registration, provider, ben)
    browser.http.cookies.clear()
    assert (await sign_in(browser, registration, provider)).status_code == 303
    async with connection.transaction():
        assert not await remove_identity_link(connection, link, ben, clock())
        assert await remove_identity_link(connection, link, ana, clock())
    assert (len(await sessions(connection, ana)), len(await sessions(connection, ben))) == (0, 1)


async def test_a_password_makes_another_session_and_the_district_s_makes_another_again(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """Row 38 for districts: neither the limit nor its absence goes from one session to the next."""
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    seen: list[tuple[object, object]] = []
    for way in ("district", "password", "district"):
        if way == "district":
            assert (await sign_in(browser, registration, provider)).status_code == 303
        else:
            assert (await browser.sign_in("ana")).status_code == 303
        (session,) = await sessions(connection, ana)
        seen.append((session["id"], session["lea_id"]))
    assert [lea for _, lea in seen] == [LEA, None, LEA]
    assert len({identifier for identifier, _ in seen}) == 3


async def test_what_is_asked_of_the_provider(gateway: Gateway, browser: Browser, provider: FakeProvider) -> None:
    registration = await registered(gateway, provider)
    first, second = await go(browser, registration), await go(browser, registration)
    assert first != second
    assert f"redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fsignin%2Fcallback%2F{registration}" in first
    assert "scope=openid%20email" in first


async def test_where_it_leads_afterwards_is_never_another_site(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    answer = await sign_in(browser, registration, provider, onward="//elsewhere.example/")
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("state", ["waiting", "disabled", "closed", "unknown"])
async def test_a_provider_that_does_not_count_is_not_offered(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, state: str
) -> None:
    registration = await registered(gateway, provider, confirmed=state != "waiting")
    if state == "disabled":
        await connection.execute("update identity_providers set disabled_at = now(), disabled_by = proposed_by")
    if state == "closed":
        await connection.execute("update organizations set active = false where id = $1", LEA)
    address = registration if state != "unknown" else "00000000-0000-0000-0000-000000000000"
    answer = await browser.http.get(f"/signin/district/{address}")
    assert (answer.status_code, "This sign-in isn't offered" in answer.text) == (404, True)
    assert (await browser.http.get("/signin/district/not-an-id")).text == answer.text
