"""One's own app, recovery codes and known browsers on the account page and in GraphQL: only after a fresh proof."""

import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from gateway.state import Gateway
from policy.ids import AssignmentId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.second_step import AAL1
from store.access_version import raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.database import Connection
from tests.oidc.world import LEA, NOW, PARK, STATE, Browser, Clock, csrf, ident, person
from tests.signin.stepping import STEP, code_now, codes_on, secret_on, send, set_up

OWN = "/account/second-step"
VIEWER = """{ viewer {
  roles { role { code } }
  grants { permission }
  user { assignments(first: 5) { nodes { missingSteps { kind } } } }
} }"""


@pytest.fixture
async def tess(strict: Gateway, connection: Connection, strict_browser: Browser) -> Browser:
    """A teacher, who may have a second step and needn't."""
    await person(connection, "tess", ("test-administrator", PARK))
    await strict_browser.sign_in("tess")
    return strict_browser


@pytest.fixture
async def ana(strict: Gateway, connection: Connection, strict_browser: Browser, clock: Clock) -> Browser:
    """A coordinator with an app, signed in with it."""
    await person(connection, "ana", ("lea-coordinator", LEA))
    await strict_browser.sign_in("ana")
    await set_up(strict_browser, clock.now)
    return strict_browser


async def enroll(browser: Browser, now: Clock) -> httpx2.Response:
    secret = secret_on(await browser.http.get(OWN))
    return await send(browser, OWN, code=code_now(secret, now.now))


async def graphql(browser: Browser, document: str, **variables: object) -> Any:
    answer = await browser.http.post("/graphql", json={"query": document, "variables": variables})
    assert answer.status_code == 200, answer.text
    assert "data" in answer.json(), answer.text
    return answer.json()["data"]


async def test_an_app_is_set_up_and_asked_for_from_then_on(tess: Browser, clock: Clock) -> None:
    assert "svg" in (await tess.http.get(OWN)).text
    page = await enroll(tess, clock)
    assert len(codes_on(page)) == 10
    tess.http.cookies.delete("hallpass-session")
    assert (await tess.sign_in("tess")).headers["location"] == STEP


@pytest.mark.checklist(38)
async def test_not_in_a_session_that_was_left_open(tess: Browser, connection: Connection, clock: Clock) -> None:
    secret = secret_on(await tess.http.get(OWN))
    clock.forward(minutes=11)
    page = await tess.http.get(OWN)
    assert "sign-in of the last 10 minutes" in page.text
    assert "<code>" not in page.text
    answer = await tess.http.post(OWN, data={"csrf": csrf(page), "code": code_now(secret, clock.now)})
    assert answer.status_code == 422
    assert await connection.fetchval("select count(*) from totp_secrets where confirmed") == 0


@pytest.mark.checklist(49)
async def test_a_password_alone_changes_no_factor(ana: Browser, connection: Connection) -> None:
    """Else it would be a way around the factor that is there."""
    await connection.execute("update sessions set acr = $1, amr = '{pwd}'", AAL1)
    for document in (
        "mutation { enrollTotp(input: {}) { secret userErrors { code } } }",
        "mutation { regenerateRecoveryCodes { recoveryCodes userErrors { code } } }",
        "mutation { removeTotp { removed userErrors { code } } }",
    ):
        ((_, payload),) = (await graphql(ana, document)).items()
        assert payload["userErrors"] == [{"code": "SECOND_STEP"}]
        assert not {"secret", "recoveryCodes", "removed"} & {name for name, value in payload.items() if value}


async def test_new_recovery_codes_take_the_place_of_those_before(
    ana: Browser, connection: Connection, clock: Clock
) -> None:
    before = await connection.fetch("select code_hash from recovery_codes")
    page = await ana.http.get(OWN)
    assert "10 of your recovery codes are left" in page.text
    shown = codes_on(await ana.http.post(f"{OWN}/codes", data={"csrf": csrf(page)}))
    assert len(shown) == 10
    after = await connection.fetch("select code_hash from recovery_codes")
    assert len(after) == 10
    assert not {row["code_hash"] for row in before} & {row["code_hash"] for row in after}
    again = (await ana.http.get(OWN)).text
    assert not any(code in again for code in shown), "shown once"


@pytest.mark.rule("state")
async def test_the_last_factor_of_whoever_must_have_one_stays(ana: Browser, connection: Connection) -> None:
    page = await ana.http.get(OWN)
    answer = await ana.http.post(f"{OWN}/remove", data={"csrf": csrf(page)})
    assert answer.status_code == 422
    assert "your last second step" in answer.text
    assert await connection.fetchval("select count(*) from totp_secrets where confirmed") == 1


async def test_whoever_neednt_have_one_removes_it_with_its_codes(
    tess: Browser, connection: Connection, clock: Clock
) -> None:
    secret = secret_on(await tess.http.get(OWN))
    await send(tess, OWN, code=code_now(secret, clock.now))
    clock.forward(seconds=60)
    tess.http.cookies.delete("hallpass-session")
    await tess.sign_in("tess")
    await send(tess, STEP, code=code_now(secret, clock.now))
    page = await tess.http.get(OWN)
    assert (await tess.http.post(f"{OWN}/remove", data={"csrf": csrf(page)})).status_code == 303
    assert await connection.fetchval("select count(*) from totp_secrets") == 0
    assert await connection.fetchval("select count(*) from recovery_codes") == 0
    templates = {row["template"] for row in await connection.fetch("select template from messages")}
    assert templates == {"second-step-added", "second-step-removed"}


async def test_a_known_browser_is_listed_and_forgotten(tess: Browser, connection: Connection) -> None:
    page = await tess.http.get(OWN)
    assert "this one" in page.text
    device = await connection.fetchval("select id from known_devices")
    await person(connection, "bo")
    await tess.http.get("/account")
    assert (await tess.http.post(f"{OWN}/forget", data={"csrf": csrf(page), "device": str(device)})).status_code == 303
    assert await connection.fetchval("select count(*) from known_devices") == 0
    again = await tess.http.post(f"{OWN}/forget", data={"csrf": csrf(page), "device": str(device)})
    assert again.status_code == 422


async def test_somebody_elses_browser_is_as_none(tess: Browser, connection: Connection) -> None:
    bo = await person(connection, "bo")
    await connection.execute("update known_devices set user_id = $1", bo)
    device = await connection.fetchval("select id from known_devices")
    document = "mutation($id: ID!) { forgetDevice(input: {device: $id}) { forgotten } }"
    answer = (await tess.http.post("/graphql", json={"query": document, "variables": {"id": str(device)}})).json()
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert await connection.fetchval("select count(*) from known_devices") == 1


async def test_the_account_page_says_how_one_signed_in(ana: Browser, tess: Browser) -> None:
    page = await tess.http.get("/account")
    assert re.search(r"Signed in here with a second step|a password alone", page.text)


@pytest.mark.rule("state")
async def test_a_state_role_without_a_second_step_does_nothing(tess: Browser, connection: Connection) -> None:
    """AAL2 always: below it the role isn't even active, and whoever holds it learns which step is missing."""
    async with connection.transaction():
        new = NewAssignment(
            AssignmentId(uuid4()), UserId(ident("tess")), ProgramCode("state"), RoleSlug("state-administrator"),
            SchoolYear(""), STATE, NOW, origin="operator",
        )  # fmt: skip
        await insert_assignment(connection, new)
        await raise_versions(connection, (new.user,))
    viewer = (await graphql(tess, VIEWER))["viewer"]
    assert [one["role"]["code"] for one in viewer["roles"]] == ["test-administrator"]
    assert [one["missingSteps"] for one in viewer["user"]["assignments"]["nodes"] if one["missingSteps"]] == [
        [{"kind": "SECOND_STEP"}]
    ]
    launchpad = await tess.http.get("/")
    assert "/signin?next=/&amp;acr=urn:hallpass:aal2" in launchpad.text


async def test_the_secret_is_the_same_until_it_is_confirmed(tess: Browser, clock: Clock) -> None:
    first = secret_on(await tess.http.get(OWN))
    assert (await send(tess, OWN, code="000000")).status_code == 422
    assert secret_on(await tess.http.get(OWN)) == first
