"""Changes of address: confirmed from the old and the new one, or after a day where the old one is lost (accounts 3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette

from gateway.outbox.again import AgainLaterError
from gateway.signin.email_changes import apply_by_job
from gateway.state import Gateway
from store.database import Connection
from tests.accounts.acting import act, help_desk, link, mails, refused, version_of
from tests.graphql.changes import events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, give, user_id
from tests.oidc.world import Browser, Clock, csrf

OLD, NEW = "colleague@valley.example", "col.new@valley.example"


async def request(as_person: AsCaller, connection: Connection, actor: str, email: str = NEW) -> UUID:
    version = await version_of(connection, "colleague")
    done = await act(
        await as_person(actor),
        "requestEmailChange",
        user=str(user_id("colleague")),
        email=email,
        expectedVersion=version,
    )
    assert done["userErrors"] == []
    assert done["user"]["email"] == OLD, "nothing has changed yet"
    return await connection.fetchval("select id from email_changes where canceled_at is null and applied_at is null")


async def click(browser: Browser, token: str) -> tuple[int, str]:
    page = await browser.http.get("/account/email", params={"token": token})
    if page.status_code != 200:
        return page.status_code, ""
    answer = await browser.http.post("/account/email", data={"csrf": csrf(page), "token": token})
    return answer.status_code, answer.text


async def address(connection: Connection) -> str:
    return await connection.fetchval("select email from users where id = $1", user_id("colleague"))


async def confirm(connection: Connection, browser: Browser, purpose: str, change: UUID) -> tuple[int, str]:
    token = await link(connection, "colleague", purpose, change=change, life=timedelta(hours=24))
    return await click(browser, token)


@pytest.mark.rule("accounts-3")
@pytest.mark.parametrize("first", ["email-old", "email-new"])
async def test_ones_own_is_confirmed_from_both_addresses(
    as_person: AsCaller, connection: Connection, browser: Browser, first: str
) -> None:
    change = await request(as_person, connection, "colleague")
    assert sorted(await mails(connection, "colleague")) == ["email-change-confirm-new", "email-change-confirm-old"]
    second = "email-new" if first == "email-old" else "email-old"
    status, text = await confirm(connection, browser, first, change)
    assert (status, "other address" in text) == (200, True)
    assert await address(connection) == OLD
    status, text = await confirm(connection, browser, second, change)
    assert (status, "is changed" in text) == (200, True)
    assert await address(connection) == NEW
    assert await connection.fetchval("select count(*) from released_addresses") == 1
    assert NEW not in str(await events(connection))
    assert await connection.fetchval("select new_email from email_changes") is None


@pytest.mark.rule("accounts-3")
async def test_each_link_works_once(as_person: AsCaller, connection: Connection, browser: Browser) -> None:
    change = await request(as_person, connection, "colleague")
    token = await link(connection, "colleague", "email-old", change=change)
    assert (await click(browser, token))[0] == 200
    assert (await click(browser, token))[0] == 410
    other = await link(connection, "colleague", "email-old", change=change)
    assert (await click(browser, other))[0] == 200
    assert await address(connection) == OLD, "the old address alone is never enough"


@pytest.mark.rule("accounts-3")
async def test_where_the_old_one_is_lost_it_is_told_and_a_day_passes(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    change = await request(as_person, connection, "primary")
    assert sorted(await mails(connection, "colleague")) == ["email-change-confirm-new", "email-changed-notice"]
    status, text = await confirm(connection, browser, "email-new", change)
    assert (status, "a day after" in text) == (200, True)
    assert await address(connection) == OLD
    clock.forward(hours=23, minutes=59)
    with pytest.raises(AgainLaterError):
        await apply_by_job(gateway, change.bytes)
    assert await address(connection) == OLD
    clock.forward(minutes=1)
    await apply_by_job(gateway, change.bytes)
    assert await address(connection) == NEW
    await apply_by_job(gateway, change.bytes)
    assert await connection.fetchval("select count(*) from pgqueuer where entrypoint = 'email-change'") == 1


@pytest.mark.rule("accounts-3")
async def test_confirmed_late_it_takes_effect_at_once_and_unconfirmed_never(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    change = await request(as_person, connection, "site")
    clock.forward(hours=25)
    await apply_by_job(gateway, change.bytes)
    assert await address(connection) == OLD, "nobody has confirmed it"
    token = await link(connection, "colleague", "email-new", change=change, life=timedelta(hours=30))
    status, text = await click(browser, token)
    assert (status, "is changed" in text) == (200, True)
    assert await address(connection) == NEW


@pytest.mark.rule("accounts-3")
async def test_the_old_address_stops_it(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    change = await request(as_person, connection, "primary")
    new = await link(connection, "colleague", "email-new", change=change)
    status, text = await confirm(connection, browser, "email-stop", change)
    assert (status, "stays" in text) == (200, True)
    assert (await click(browser, new))[0] == 410
    clock.forward(hours=25)
    await apply_by_job(gateway, change.bytes)
    assert await address(connection) == OLD


@pytest.mark.rule("accounts-4")
async def test_an_address_that_has_an_account_is_never_reached_and_nobody_is_told(
    as_person: AsCaller, connection: Connection, browser: Browser
) -> None:
    change = await request(as_person, connection, "colleague", "SITE@valley.example")
    assert await mails(connection, "colleague") == ["email-change-confirm-old"], "no link goes to somebody else's mail"
    assert (await confirm(connection, browser, "email-old", change))[0] == 200
    status, _ = await confirm(connection, browser, "email-new", change)
    assert status == 200
    assert await address(connection) == OLD
    assert await connection.fetchval("select canceled_at from email_changes") is not None


@pytest.mark.rule("accounts-3")
async def test_a_second_request_ends_the_first(as_person: AsCaller, connection: Connection, browser: Browser) -> None:
    first = await request(as_person, connection, "colleague")
    token = await link(connection, "colleague", "email-new", change=first)
    await request(as_person, connection, "colleague", "third@valley.example")
    assert (await click(browser, token))[0] == 410


@pytest.mark.rule("accounts-5")
async def test_suspension_and_deletion_end_it(as_person: AsCaller, connection: Connection, browser: Browser) -> None:
    change = await request(as_person, connection, "colleague")
    token = await link(connection, "colleague", "email-new", change=change)
    await act(await as_person("primary"), "deactivateUser", user=str(user_id("colleague")))
    assert (await click(browser, token))[0] == 410
    assert await connection.fetchval("select new_email from email_changes") is None


@pytest.mark.rule("accounts-3", "state")
async def test_the_help_desk_does_it_for_people_who_have_nobody_else(
    as_person: AsCaller, connection: Connection
) -> None:
    desk = await as_person(await help_desk(connection))
    asked: dict[str, Any] = {"user": str(user_id("shared")), "email": "sh@valley.example"}
    version = await version_of(connection, "shared")
    assert await refused(await as_person("primary"), "requestEmailChange", **asked, expectedVersion=version) == [
        "OUT_OF_REACH"
    ]
    assert await refused(desk, "requestEmailChange", **asked, expectedVersion=version) == []


@pytest.mark.rule("accounts-4")
@pytest.mark.parametrize(
    ("email", "code"),
    [("", "REQUIRED"), ("nobody", "INVALID_EMAIL"), (OLD.upper(), "SAME_ADDRESS")],
)
async def test_what_is_no_new_address(as_person: AsCaller, connection: Connection, email: str, code: str) -> None:
    version = await version_of(connection, "colleague")
    asked: dict[str, Any] = {"user": str(user_id("colleague")), "email": email, "expectedVersion": version}
    assert await refused(await as_person("colleague"), "requestEmailChange", **asked) == [code]


@pytest.mark.parametrize("token", ["", "unknown", "x" * 4000])
async def test_an_unknown_link(app: Starlette, http: Any, browser: Browser, token: str) -> None:
    assert (await click(browser, token))[0] == 410


@pytest.mark.rule("accounts-3")
async def test_an_invitation_that_went_to_the_wrong_address_opens_nothing(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    """Whoever got it by a mistyped address can't accept it once the address is being corrected."""
    await connection.execute("update users set status = 'invited' where id = $1", user_id("colleague"))
    strangers = await link(connection, "colleague", "invitation", life=timedelta(days=30))
    opened = await browser.http.get("/signin/invitation", params={"token": strangers})
    assert opened.status_code == 200
    change = await request(as_person, connection, "site")
    again = await link(connection, "colleague", "invitation", life=timedelta(days=30))
    assert (await browser.http.get("/signin/invitation", params={"token": strangers})).status_code == 410
    assert (await confirm(connection, browser, "email-new", change))[0] == 200
    clock.forward(hours=24)
    await apply_by_job(gateway, change.bytes)
    assert await address(connection) == NEW
    assert (await browser.http.get("/signin/invitation", params={"token": again})).status_code == 410
    assert (await mails(connection, "colleague"))[-1] == "invitation"


@pytest.mark.rule("accounts-3")
@pytest.mark.parametrize("meanwhile", ["another LEA gives her a role", "the requester's role is taken"])
async def test_who_reaches_not_all_of_her_any_more_changes_no_address(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock, meanwhile: str
) -> None:
    """A day lies between request and effect: what counts is who she is, and who the requester is, at its end."""
    change = await request(as_person, connection, "site", "taken.over@valley.example")
    if meanwhile == "another LEA gives her a role":
        await give(connection, "colleague", "site-coordinator", BEACH)
    else:
        await connection.execute("delete from role_assignments where user_id = $1", user_id("site"))
    assert (await confirm(connection, browser, "email-new", change))[0] == 200
    clock.forward(hours=24)
    await apply_by_job(gateway, change.bytes)
    assert await address(connection) == OLD
    assert await connection.fetchval("select canceled_at from email_changes") is not None
    (denied,) = await events(connection, "denied")
    assert denied["action"] == "applyEmailChange"
