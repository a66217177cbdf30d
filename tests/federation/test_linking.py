"""Links are made from a signed-in session with a fresh proof, or with an invitation in hand, and never otherwise."""

import pytest
from starlette.applications import Starlette

from gateway.signin.sessions import token_hash
from gateway.state import Gateway
from policy.ids import UserId
from store.account_links import LinkPurpose, insert_link
from store.database import Connection
from store.deletion import delete_account
from tests.federation.district import come_back, linked, post, registered, sessions, sign_in
from tests.federation.provider import FakeProvider
from tests.graphql.changes import events
from tests.oidc.world import LEA, PARK, Browser, Clock, http_of, person

pytestmark = pytest.mark.checklist(51)
LINK = "/account/district/link"
NOT_LINKED = "Nothing was linked"


async def to_the_provider(browser: Browser, provider: object) -> str:
    """The authorization request of a link that the person of this browser's session wants."""
    answer = await post(browser, "/account", LINK, provider=str(provider))
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"))
    return answer.text.split("0; url=", 1)[1].split('"', 1)[0].replace("&amp;", "&")


async def links(connection: Connection) -> list[UserId]:
    return [row["user_id"] for row in await connection.fetch("select user_id from identity_links order by linked_at")]


async def test_from_one_s_own_session_with_a_mail_that_tells_of_it(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await browser.sign_in("ana")
    address = await to_the_provider(browser, registration)
    assert "prompt=login" in address
    answer = await come_back(browser, registration, provider.authorize(address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account#district")
    assert await links(connection) == [ana]
    (session,) = await sessions(connection, ana)
    assert session["lea_id"] is None  # a link is no sign-in
    assert [one["action"] for one in await events(connection)] == ["linkIdentity"]
    assert await connection.fetchval("select template from messages where user_id = $1", ana) == "identity-linked"
    page = await browser.http.get("/account")
    assert "Remove the link" in page.text
    identifier = page.text.split('name="link" value="', 1)[1].split('"', 1)[0]
    assert (await post(browser, "/account", "/account/district/unlink", link=identifier)).status_code == 303
    assert await links(connection) == []
    assert [one["action"] for one in await events(connection)] == ["linkIdentity", "unlinkIdentity"]


async def test_an_old_proof_links_nothing(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await browser.sign_in("ana")
    clock.forward(minutes=11)
    answer = await post(browser, "/account", LINK, provider=str(registration))
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/account")
    assert await connection.fetchval("select count(*) from identity_sign_ins") == 0


async def test_a_session_of_a_district_links_no_other(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """Whoever runs one district's provider would else come to open the whole account."""
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    await sign_in(browser, registration, provider)
    answer = await post(browser, "/account", LINK, provider=str(registration))
    assert answer.headers["location"] == "/signin?next=/account"


async def test_only_the_session_in_which_it_was_begun_gets_the_link(
    gateway: Gateway, app: Starlette, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """Row 39: an attacker's answer in a victim's browser links nothing, nor does one after signing in as another."""
    await person(connection, "ana", ("site-coordinator", PARK))
    await person(connection, "ben", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await browser.sign_in("ana")
    answer = provider.authorize(await to_the_provider(browser, registration))
    async with http_of(app) as http:
        victim = Browser(http)
        await victim.sign_in("ben")
        await to_the_provider(victim, registration)
        assert (await come_back(victim, registration, answer)).status_code == 400
    await browser.sign_in("ben")
    late = await come_back(browser, registration, answer)
    assert (late.status_code, NOT_LINKED in late.text) == (409, True)
    assert await links(connection) == []


async def test_without_a_form_of_ours_no_link_is_begun(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await browser.sign_in("ana")
    for form in ({}, {"csrf": "x"}):
        sent = await browser.http.post(LINK, data={"provider": str(registration), **form})
        assert sent.status_code == 403
    foreign = {"Origin": "https://elsewhere.example"}
    assert (await browser.http.post(LINK, data={"provider": str(registration)}, headers=foreign)).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ana@gmail.com"},
        {"email": "ana@staff.valley.example"},
        {"email": "ana@valley.example.evil.example"},
        {"email": "a@valley.example@evil.example"},
        {"email": None},
        {"email": ["ana@valley.example"]},
        {"email_verified": False},
        {"email_verified": "false"},
    ],
)
async def test_the_provider_vouches_for_an_address_of_the_district(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, claims: dict[str, object]
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    provider.claims = claims
    await browser.sign_in("ana")
    answer = await come_back(browser, registration, provider.authorize(await to_the_provider(browser, registration)))
    assert (answer.status_code, NOT_LINKED in answer.text) == (409, True)
    assert await links(connection) == []


async def test_a_subject_is_one_person_s(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    await person(connection, "ben", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    await browser.sign_in("ben")
    answer = await come_back(browser, registration, provider.authorize(await to_the_provider(browser, registration)))
    assert (answer.status_code, NOT_LINKED in answer.text) == (409, True)
    assert await links(connection) == [ana]


async def test_nobody_removes_another_s_link(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    await person(connection, "ben", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    link = await linked(gateway, registration, provider, ana)
    await browser.sign_in("ben")
    assert (await post(browser, "/account", "/account/district/unlink", link=str(link))).status_code == 404
    assert await links(connection) == [ana]


async def invited(connection: Connection, clock: Clock, email: str = "new@valley.example") -> tuple[UserId, str]:
    new = await person(connection, "new", ("site-coordinator", PARK), status="invited")
    await connection.execute(
        "update users set password_hash = null, email = $2, email_key = $2 where id = $1", new, email
    )
    token, now = "t" * 43, clock()
    later = now.replace(month=12)
    await insert_link(
        connection, token_hash(token), new, purpose=LinkPurpose.INVITATION, now=now, expires_at=later
    )  # fmt: skip
    return new, token


async def test_an_invitation_is_accepted_with_the_district_s_sign_in(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    registration = await registered(gateway, provider)
    new, token = await invited(connection, clock)
    invitation = f"/signin/invitation?token={token}"
    page = await browser.http.get(invitation)
    assert "Valley Unified" in page.text
    onward = await post(browser, invitation, "/signin/invitation/district", token=token)
    address = onward.text.split("0; url=", 1)[1].split('"', 1)[0].replace("&amp;", "&")
    answer = provider.authorize(address)
    came = await come_back(browser, registration, answer)
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert await connection.fetchval("select status from users where id = $1", new) == "active"
    assert await links(connection) == [new]
    (session,) = await sessions(connection, new)
    assert (session["lea_id"], session["amr"]) == (LEA, ["fed"])
    assert (await browser.http.get(invitation)).status_code == 410
    browser.http.cookies.clear()
    assert (await sign_in(browser, registration, provider)).status_code == 303


async def test_an_invitation_accepted_meanwhile_links_nobody(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    registration = await registered(gateway, provider)
    new, token = await invited(connection, clock)
    invitation = f"/signin/invitation?token={token}"
    onward = await post(browser, invitation, "/signin/invitation/district", token=token)
    address = onward.text.split("0; url=", 1)[1].split('"', 1)[0].replace("&amp;", "&")
    await connection.execute("update account_links set used_at = now()")
    assert (await come_back(browser, registration, provider.authorize(address))).status_code == 410
    assert (await links(connection), await sessions(connection, new)) == ([], [])


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 500])
async def test_no_invitation_no_way(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, token: str
) -> None:
    await registered(gateway, provider)
    assert (await post(browser, "/signin", "/signin/invitation/district", token=token)).status_code == 410
    assert await connection.fetchval("select count(*) from identity_sign_ins") == 0


@pytest.mark.checklist("43 sign-in")
async def test_which_sign_in_is_offered_depends_on_the_domain_alone(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider, domains=("example.org",))
    texts: list[str] = []
    for address in ("ana@example.org", "nobody@example.org", "ANA@EXAMPLE.ORG"):
        page = await post(browser, "/signin/district", "/signin/district", email=address, next="/account")
        assert page.status_code == 200
        assert f'href="/signin/district/{registration}?next=%2Faccount"' in page.text
        texts.append(page.text.replace(address, ""))
    assert texts[0] == texts[1] == texts[2]
    for address in ("ana@sub.example.org", "ana@example.org.evil.example", "", "@", "a@\x00"):
        page = await post(browser, "/signin/district", "/signin/district", email=address)
        assert "Sign in with Valley Unified" not in page.text


async def test_a_deleted_account_leaves_no_link(
    gateway: Gateway, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    async with connection.transaction():
        await delete_account(connection, ana, clock(), clock())
    assert await links(connection) == []
