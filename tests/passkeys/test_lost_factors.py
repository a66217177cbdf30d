"""Loss of all factors: asked for by somebody entitled, confirmed by mail, a day later, told, stopped, judged again."""

from datetime import timedelta

import pytest

from gateway.outbox.again import AgainLaterError
from gateway.signin.lost_factors import apply_by_job
from gateway.state import Gateway
from store.database import Connection
from tests.accounts.acting import act, help_desk, mails
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, give, session, user_id
from tests.oidc.world import Browser, Clock
from tests.passkeys.authenticator import SoftKey
from tests.passkeys.flows import entered, in_session, registered
from tests.passkeys.lost import asked, clicked, factors_of, mailed, open_reset, with_factors

pytestmark = pytest.mark.rule("accounts-3")


async def actions(connection: Connection) -> list[tuple[str, str, str | None]]:
    rows = await connection.fetch("select action, outcome, reason from audit_events order by id")
    return [(row["action"], row["outcome"], row["reason"]) for row in rows]


async def test_confirmed_by_mail_and_a_day_later_they_are_gone(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    """With every session and known browser; the password stays, and both ends are told."""
    site = await as_person("site")
    await with_factors(connection)
    await session(connection, "colleague")
    await connection.execute("update users set password_hash = 'hash' where id = $1", user_id("colleague"))
    assert await asked(site) == []
    reset = await open_reset(connection)
    assert await mails(connection, "colleague") == ["second-factors-reset"]
    status, text = await clicked(browser, await mailed(connection, reset))
    assert (status, "a day after it was asked for" in text) == (200, True)
    assert (await mails(connection, "colleague"))[-1] == "second-factors-confirmed"
    clock.forward(hours=23, minutes=59)
    with pytest.raises(AgainLaterError):
        await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 4
    clock.forward(minutes=1)
    await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 0
    ended = await connection.fetchval(
        "select bool_and(ended_at is not null) from sessions where user_id = $1", user_id("colleague")
    )
    assert ended
    hashed = await connection.fetchval("select password_hash from users where id = $1", user_id("colleague"))
    assert hashed == "hash"
    assert (await mails(connection, "colleague"))[-1] == "second-factors-removed"
    assert [one for one, *_ in await actions(connection)] == [
        "resetSecondFactors", "confirmSecondFactorReset", "applySecondFactorReset",
    ]  # fmt: skip
    assert await connection.fetchval("select count(*) from pgqueuer where entrypoint = 'factor-reset'") == 1
    await apply_by_job(gateway, reset.bytes)  # once more does nothing


async def test_unconfirmed_nothing_ever_happens(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    site = await as_person("site")
    await with_factors(connection)
    assert await asked(site) == []
    reset = await open_reset(connection)
    token = await mailed(connection, reset)
    clock.forward(hours=24)
    await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 4
    assert (await clicked(browser, token))[0] == 410, "a stale link"
    clock.forward(hours=25)
    await connection.execute("update factor_resets set confirmed_at = $1", clock())
    await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 4, "it has lapsed"


@pytest.mark.checklist(47)
async def test_each_link_works_once_and_opening_it_does_nothing(
    as_person: AsCaller, connection: Connection, browser: Browser
) -> None:
    site = await as_person("site")
    await with_factors(connection)
    await asked(site)
    reset = await open_reset(connection)
    token = await mailed(connection, reset)
    for _ in range(2):
        page = await browser.http.get("/account/lost-factors", params={"token": token})
        assert page.status_code == 200
    assert await connection.fetchval("select confirmed_at from factor_resets") is None
    assert (await clicked(browser, token))[0] == 200
    assert (await clicked(browser, token))[0] == 410
    for other in ("", "x" * 43, "x" * 500):
        assert (await clicked(browser, other))[0] == 410


@pytest.mark.parametrize("purpose", ["factors-confirm", "factors-stop"])
async def test_the_mail_stops_it(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock, purpose: str
) -> None:
    """Before and after it was confirmed; the link to stop confirms nothing, whatever is sent."""
    site = await as_person("site")
    await with_factors(connection)
    await asked(site)
    reset = await open_reset(connection)
    if purpose == "factors-stop":
        await clicked(browser, await mailed(connection, reset))
    choice = "stop" if purpose == "factors-confirm" else "confirm"
    status, text = await clicked(browser, await mailed(connection, reset, purpose=purpose), choice)
    assert (status, "stays" in text) == (200, True)
    clock.forward(hours=24)
    await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 4
    assert (await mails(connection, "colleague"))[-1] == "second-factors-kept"
    assert ("stopSecondFactorReset", "allowed", None) in await actions(connection)


async def test_asked_for_anew_the_first_one_is_over(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    """A new day, and a confirmation of its own."""
    site = await as_person("site")
    await with_factors(connection)
    await asked(site)
    first = await open_reset(connection)
    token = await mailed(connection, first)
    await clicked(browser, token)
    clock.forward(minutes=9)
    assert await asked(site) == []
    second = await open_reset(connection)
    assert second != first
    clock.forward(hours=24)
    for one in (first, second):
        await apply_by_job(gateway, one.bytes)
    assert await factors_of(connection) == 4


@pytest.mark.checklist("47 round the second step")
async def test_a_reset_of_the_password_removes_no_factor(as_person: AsCaller, connection: Connection) -> None:
    """Nor does a change of address, or the link with which a password is chosen."""
    site = await as_person("site")
    await with_factors(connection)
    done = await act(site, "resetPassword", user=str(user_id("colleague")))
    assert done["userErrors"] == []
    assert await connection.fetchval("select count(*) from passkeys") == 1
    assert await connection.fetchval("select count(*) from totp_secrets") == 1
    assert await connection.fetchval("select count(*) from recovery_codes") == 1


async def test_without_a_factor_there_is_nothing_to_remove(as_person: AsCaller, connection: Connection) -> None:
    assert await asked(await as_person("site")) == ["NO_FACTOR"]


# ---------------------------------------------------------------------------------------------------------- takeovers


@pytest.mark.checklist(56)
@pytest.mark.parametrize(
    ("actor", "code"),
    [("hill-site", "NOT_FOUND"), ("far-lead", "NOT_FOUND"), ("teacher", "FORBIDDEN"), ("educator", "FORBIDDEN")],
)
async def test_whoever_does_not_see_her_is_told_nothing(
    as_person: AsCaller, connection: Connection, actor: str, code: str
) -> None:
    """A coordinator of another LEA or school; a peer; somebody with rosters alone."""
    asking = await as_person(actor)
    await with_factors(connection)
    document = "mutation ($input: UserInput!) { resetSecondFactors(input: $input) { user { id } } }"
    answer = await asking.ask(document, input={"user": str(user_id("colleague"))})
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert await connection.fetchval("select count(*) from factor_resets") == 0


@pytest.mark.checklist(56)
@pytest.mark.parametrize(
    ("actor", "target", "code"),
    [
        ("site", "site", "OWN_ACCOUNT"),
        ("additional", "primary", "NOT_ABOVE"),
        ("additional", "additional", "OWN_ACCOUNT"),
        ("primary", "superintendent", "NOT_ABOVE"),
        ("site", "shared", "OUT_OF_REACH"),
        ("primary", "shared", "OUT_OF_REACH"),
    ],
)
async def test_who_is_not_entitled_to_the_whole_account_is_refused(
    as_person: AsCaller, connection: Connection, actor: str, target: str, code: str
) -> None:
    """Oneself, a peer, a superior, and an account that is another program's as well."""
    asking = await as_person(actor)
    await with_factors(connection, target)
    assert await asked(asking, target) == [code]
    assert await connection.fetchval("select count(*) from factor_resets") == 0
    assert ("resetSecondFactors", "denied", code) in await actions(connection)


async def test_takeover_an_address_that_somebody_else_set_confirms_nothing(
    as_person: AsCaller, connection: Connection, clock: Clock
) -> None:
    """Whoever is entitled to the whole account can't first re-address it and then have its second step removed."""
    site = await as_person("site")
    helper = await help_desk(connection)
    await with_factors(connection)
    await connection.execute(
        "insert into email_changes (id, user_id, old_lost, requested_by, requested_at, expires_at, applied_at) "
        "values (gen_random_uuid(), $1, true, $2, $3, $3, $3)",
        user_id("colleague"), user_id("site"), clock.now - timedelta(days=29),
    )  # fmt: skip
    assert await asked(site) == ["ADDRESS_NEW"]
    assert await asked(await as_person(helper, "help-desk", "state")) == []
    await connection.execute("update email_changes set applied_at = $1", clock.now - timedelta(days=31))
    assert await asked(site) == []


async def test_the_help_desk_may(as_person: AsCaller, connection: Connection) -> None:
    await as_person("site")
    helper = await help_desk(connection)
    await with_factors(connection, "shared")
    assert await asked(await as_person(helper, "help-desk", "state"), "shared") == []


async def test_a_stolen_session_without_step_up_asks_in_vain(
    as_person: AsCaller, connection: Connection, clock: Clock
) -> None:
    site = await as_person("site")
    await with_factors(connection)
    clock.now += timedelta(minutes=11)
    assert await asked(site) == ["STEP_UP"]
    assert await connection.fetchval("select count(*) from factor_resets") == 0


@pytest.mark.checklist(56)
@pytest.mark.parametrize("change", ["she gets a role elsewhere", "the asker loses hers", "another address"])
async def test_it_is_judged_again_when_it_takes_effect(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock, change: str
) -> None:
    """A change of reach, or of the address from which it was confirmed, during the day."""
    site = await as_person("site")
    await with_factors(connection)
    await asked(site)
    reset = await open_reset(connection)
    assert (await clicked(browser, await mailed(connection, reset)))[0] == 200
    clock.forward(hours=1)
    if change == "she gets a role elsewhere":
        await give(connection, "colleague", "test-administrator", BEACH)
    elif change == "the asker loses hers":
        await connection.execute("update role_assignments set status = 'expired' where user_id = $1", user_id("site"))
    else:
        await connection.execute(
            "insert into email_changes (id, user_id, old_lost, requested_by, requested_at, expires_at, applied_at) "
            "values (gen_random_uuid(), $1, true, $2, $3, $3, $3)",
            user_id("colleague"), user_id("site"), clock(),
        )  # fmt: skip
    clock.forward(hours=23)
    await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 4
    why = "ADDRESS_CHANGED" if change == "another address" else "NOT_ENTITLED_ANY_MORE"
    assert ("applySecondFactorReset", "denied", why) in await actions(connection)
    assert (await mails(connection, "colleague"))[-1] == "second-factors-kept"
    assert await open_reset(connection) is None


@pytest.mark.parametrize("status", ["suspended", "deleted"])
async def test_an_account_out_of_use_confirms_nothing(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock, status: str
) -> None:
    site = await as_person("site")
    await with_factors(connection)
    await asked(site)
    reset = await open_reset(connection)
    token = await mailed(connection, reset)
    await connection.execute("update users set status = $1 where id = $2", status, user_id("colleague"))
    assert (await clicked(browser, token))[0] == 410
    await connection.execute("update factor_resets set confirmed_at = $1", clock())
    clock.forward(hours=24)
    await apply_by_job(gateway, reset.bytes)
    assert await factors_of(connection) == 4


async def test_signing_in_with_a_factor_stops_it(
    as_person: AsCaller, connection: Connection, browser: Browser, gateway: Gateway, clock: Clock
) -> None:
    """Whoever still has one hasn't lost them all."""
    site, key = await as_person("site"), SoftKey()
    await in_session(connection, browser, user_id("colleague"))
    assert (await registered(browser, key)).status_code == 303
    assert await asked(site) == []
    reset = await open_reset(connection)
    assert (await clicked(browser, await mailed(connection, reset)))[0] == 200
    assert "are to be removed" in (await browser.http.get("/account/passkeys")).text, "she sees it when she is there"
    browser.http.cookies.clear()
    assert (await entered(browser, key)).status_code == 303
    assert await open_reset(connection) is None
    assert ("stopSecondFactorReset", "allowed", None) in await actions(connection)
    clock.forward(hours=24)
    await apply_by_job(gateway, reset.bytes)
    assert await connection.fetchval("select count(*) from passkeys") == 1
