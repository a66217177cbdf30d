"""One's own passkeys: added, named and removed by whoever has just proved herself, and by nobody else."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.state import Gateway
from policy.ids import UserId
from resolvers.passkeys.begin import MOST
from store.database import Connection
from tests.oidc.world import LEA, NOW, Browser, Clock, csrf, http_of, ident, person
from tests.passkeys.authenticator import SoftKey, Twist, text
from tests.passkeys.flows import AAL1, AAL2, OWN_PAGE, fetched, in_session, registered, sent
from tests.signin.stepping import code_now, codes_on, secret_on, send

BEGIN = "mutation { beginPasskey { options userErrors { code } } }"
ADD = """mutation ($input: AddPasskeyInput!) { addPasskey(input: $input) {
    passkey { id name addedAt lastUsedAt backupEligible copiedAt } userErrors { code message remedy } } }"""
RENAME = """mutation ($input: RenamePasskeyInput!) { renamePasskey(input: $input) {
    passkey { id name } userErrors { code } } }"""
REMOVE = """mutation ($input: RemovePasskeyInput!) { removePasskey(input: $input) { removed userErrors { code } } }"""
LIST = "{ viewer { passkeys { id name } } }"


async def ana(connection: Connection, browser: Browser, acr: str = AAL1, **session: Any) -> UserId:
    user = await person(connection, "ana", ("lea-coordinator", LEA))
    await in_session(connection, browser, user, acr, **session)
    return user


async def post(browser: Browser, document: str, **asked: Any) -> dict[str, Any]:
    body = {"query": document, "variables": {"input": asked}} if asked else {"query": document}
    return (await browser.http.post("/graphql", json=body)).json()


async def codes(browser: Browser, document: str, field: str, **asked: Any) -> list[str]:
    return [one["code"] for one in (await post(browser, document, **asked))["data"][field]["userErrors"]]


async def audited(connection: Connection) -> list[tuple[str, str, str | None]]:
    rows = await connection.fetch("select action, outcome, reason from audit_events order by id")
    return [(row["action"], row["outcome"], row["reason"]) for row in rows]


async def test_a_passkey_is_added_over_graphql(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """The handle is random, stays hers and tells nothing; what was asked for is in the audit, and a mail tells her."""
    user = await ana(connection, browser)
    options = json.loads((await post(browser, BEGIN))["data"]["beginPasskey"]["options"])
    assert options["user"]["name"] == "ana@example.org"
    handle = await connection.fetchval("select handle from passkey_handles where user_id = $1", user)
    assert options["user"]["id"] == text(handle)
    assert user.bytes not in handle
    assert b"ana" not in handle
    key = SoftKey(synced=True)
    answer = (await post(browser, ADD, credential=key.create(options), name="  My\n phone "))["data"]["addPasskey"]
    assert answer["userErrors"] == []
    assert answer["passkey"]["name"] == "My phone"
    assert answer["passkey"]["backupEligible"] is True
    assert (await post(browser, LIST))["data"]["viewer"]["passkeys"] == [
        {"id": answer["passkey"]["id"], "name": "My phone"}
    ]
    assert ("addPasskey", "allowed", None) in await audited(connection)
    assert await connection.fetchval("select template from messages") == "passkey-added"
    assert "My phone" not in str(await connection.fetch("select * from audit_events"))


@pytest.mark.checklist(50)
async def test_its_challenge_is_answered_once(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await ana(connection, browser)
    options = (await fetched(browser, OWN_PAGE, f"{OWN_PAGE}/options")).json()["publicKey"]
    assert (await sent(browser, SoftKey().create(options, Twist(origin="https://evil.example")))).status_code == 422
    assert await codes(browser, ADD, "addPasskey", credential=SoftKey().create(options)) == ["NOT_BEGUN"]
    assert await connection.fetchval("select count(*) from passkeys") == 0


@pytest.mark.checklist(50)
@pytest.mark.parametrize(
    "twist",
    [
        Twist(origin="https://evil.example"), Twist(rp_id="evil.example"), Twist(challenge=text(b"x" * 32)),
        Twist(flags_off=0x04), Twist(kind="webauthn.get"), Twist(cross_origin=True),
    ],
    ids=["origin", "rpIdHash", "challenge", "not verified", "type", "framed"],
)  # fmt: skip
async def test_an_answer_that_differs_adds_nothing(
    gateway: Gateway, connection: Connection, browser: Browser, twist: Twist
) -> None:
    await ana(connection, browser)
    answer = await registered(browser, SoftKey(), twist=twist)
    assert (answer.status_code, "could not be verified" in answer.text) == (422, True)
    assert await connection.fetchval("select count(*) from passkeys") == 0
    assert ("addPasskey", "denied", "NOT_VERIFIED") in await audited(connection)


@pytest.mark.checklist(50)
async def test_a_credential_id_that_another_has_is_refused(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """As what can't be verified: whether somebody has it isn't told."""
    await ana(connection, browser)
    key = SoftKey()
    assert (await registered(browser, key)).status_code == 303
    await in_session(connection, browser, await person(connection, "ben"))
    thief = SoftKey(id=key.id)
    answer = await registered(browser, thief)
    assert (answer.status_code, "could not be verified" in answer.text) == (422, True)
    assert await connection.fetchval("select user_id from passkeys") == ident("ana")


@pytest.mark.checklist(50)
async def test_a_challenge_is_bound_to_its_session(
    gateway: Gateway, connection: Connection, browser: Browser, app: Starlette
) -> None:
    """Nobody can have her own key added to another's account by handing her an answer."""
    await ana(connection, browser)
    options = (await fetched(browser, OWN_PAGE, f"{OWN_PAGE}/options")).json()["publicKey"]
    async with http_of(app) as http:
        other = Browser(http)
        await in_session(connection, other, await person(connection, "ben"))
        assert await codes(other, ADD, "addPasskey", credential=SoftKey().create(options)) == ["NOT_BEGUN"]


async def test_a_session_left_open_changes_nothing(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """A stolen session without step-up: ten minutes after the last proof it neither adds nor removes."""
    user = await ana(connection, browser)
    assert (await registered(browser, SoftKey())).status_code == 303
    passkey = str(await connection.fetchval("select id from passkeys"))
    await in_session(connection, browser, user, AAL2)
    clock.now += timedelta(minutes=10, seconds=1)
    assert await codes(browser, BEGIN, "beginPasskey") == ["STEP_UP"]
    assert await codes(browser, ADD, "addPasskey", credential="{}") == ["STEP_UP"]
    assert await codes(browser, REMOVE, "removePasskey", passkey=passkey) == ["STEP_UP"]
    answer = await fetched(browser, OWN_PAGE, f"{OWN_PAGE}/options")
    assert (answer.status_code, "sign-in of the last 10 minutes" in answer.json()["error"]) == (422, True)


async def test_the_password_alone_adds_no_factor_beside_one_that_is_there(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """Else whoever has the password would get round the second step by adding her own."""
    user = await ana(connection, browser)
    assert (await registered(browser, SoftKey())).status_code == 303, "the first one needs none"
    assert await codes(browser, BEGIN, "beginPasskey") == ["SECOND_STEP"]
    passkey = str(await connection.fetchval("select id from passkeys"))
    assert await codes(browser, REMOVE, "removePasskey", passkey=passkey) == ["SECOND_STEP"]
    await in_session(connection, browser, user, AAL2)
    assert (await registered(browser, SoftKey())).status_code == 303


async def test_a_districts_session_adds_none(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """It reaches no further than that LEA, which a passkey of hers would."""
    await ana(connection, browser, AAL2, lea=LEA)
    assert await codes(browser, BEGIN, "beginPasskey") == ["DISTRICT_SESSION"]


async def test_one_authenticator_keeps_one_and_there_is_an_end(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    user = await ana(connection, browser, AAL2)
    key = SoftKey()
    assert (await registered(browser, key)).status_code == 303
    options = (await fetched(browser, OWN_PAGE, f"{OWN_PAGE}/options")).json()["publicKey"]
    assert [one["id"] for one in options["excludeCredentials"]] == [text(key.id)]
    for number in range(MOST - 1):
        await connection.execute(
            "insert into passkeys (id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, "
            "transports, aaguid, name, added_at) select gen_random_uuid(), user_id, $2, public_key, 0, false, false, "
            "transports, aaguid, 'x', $3 from passkeys where user_id = $1 limit 1",
            user, bytes([number]), NOW,
        )  # fmt: skip
    assert await codes(browser, BEGIN, "beginPasskey") == ["TOO_MANY"]


async def test_names_and_removal_are_ones_own(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """Another's passkey is answered as none at all (checklist 54)."""
    user = await ana(connection, browser, AAL2)
    assert (await registered(browser, SoftKey(), name="")).status_code == 303
    passkey = str(await connection.fetchval("select id from passkeys"))
    assert await connection.fetchval("select name from passkeys") == "Passkey"
    await in_session(connection, browser, await person(connection, "ben"), AAL2)
    for document in (RENAME, REMOVE):
        named = {"name": "Mine"} if document is RENAME else {}
        for wanted in (passkey, str(ident("nothing")), "no id"):
            answer = await post(browser, document, passkey=wanted, **named)
            assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (await post(browser, LIST))["data"]["viewer"]["passkeys"] == []
    await in_session(connection, browser, user, AAL2)
    renamed = (await post(browser, RENAME, passkey=passkey, name="x" * 80))["data"]["renamePasskey"]
    assert renamed["passkey"]["name"] == "x" * 60
    removed = (await post(browser, REMOVE, passkey=passkey))["data"]["removePasskey"]
    assert removed == {"removed": passkey, "userErrors": []}
    assert await connection.fetchval("select count(*) from passkeys") == 0
    templates = await connection.fetch("select template from messages order by created_at")
    assert [one["template"] for one in templates] == ["passkey-added", "passkey-removed"]


@pytest.mark.parametrize(("role", "allowed"), [("lea-coordinator", False), ("educator-district", True)])
async def test_the_last_factor_stays_where_a_role_asks_for_one(
    gateway: Gateway, connection: Connection, browser: Browser, role: str, allowed: bool
) -> None:
    object.__setattr__(gateway, "settings", replace(gateway.settings, second_step="required"))
    await in_session(connection, browser, await person(connection, "ana", (role, LEA)), AAL2)
    assert (await registered(browser, SoftKey())).status_code == 303
    assert (await registered(browser, SoftKey())).status_code == 303
    first, last = (str(row["id"]) for row in await connection.fetch("select id from passkeys"))
    assert await codes(browser, REMOVE, "removePasskey", passkey=first) == []
    assert await codes(browser, REMOVE, "removePasskey", passkey=last) == ([] if allowed else ["LAST_FACTOR"])
    assert await connection.fetchval("select count(*) from passkeys") == (0 if allowed else 1)


REGENERATE = "mutation { regenerateRecoveryCodes { recoveryCodes userErrors { code } } }"
APP_PAGE = "/account/second-step"


@pytest.mark.checklist(49)
async def test_recovery_codes_go_with_the_last_factor(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """They stand in for a factor: without one they are worth nothing, and the next one brings new ones."""
    await in_session(connection, browser, await person(connection, "ana", ("educator-district", LEA)), AAL2)
    for _ in range(2):
        assert (await registered(browser, SoftKey())).status_code == 303
    first = (await post(browser, REGENERATE))["data"]["regenerateRecoveryCodes"]["recoveryCodes"]
    assert len(first) == 10
    before = await connection.fetch("select code_hash from recovery_codes")
    one, last = (str(row["id"]) for row in await connection.fetch("select id from passkeys"))
    assert await codes(browser, REMOVE, "removePasskey", passkey=one) == []
    assert await connection.fetchval("select count(*) from recovery_codes") == 10, "there is another factor"
    assert await codes(browser, REMOVE, "removePasskey", passkey=last) == []
    assert await connection.fetchval("select count(*) from recovery_codes") == 0
    user = await connection.fetchval("select id from users where email = 'ana@example.org'")
    await connection.executemany(
        "insert into recovery_codes (user_id, code_hash, made_at) values ($1, $2, $3)",
        [(user, row["code_hash"], clock.now) for row in before],
    )
    secret = secret_on(await browser.http.get(APP_PAGE))
    shown = codes_on(await send(browser, APP_PAGE, code=code_now(secret, clock.now)))
    assert len(shown) == 10, "those that were left over from another time stand in for nothing"
    assert not set(shown) & set(first)
    assert await connection.fetchval("select count(*) from recovery_codes where used_at is null") == 10


async def test_nobody_outside_of_her_session(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await person(connection, "ana")
    answer = await post(browser, BEGIN)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await browser.http.get(OWN_PAGE)).status_code == 303
    assert (await post(browser, "{ viewer { id } }"))["data"]["viewer"] is None


async def test_the_page_works_without_its_script_as_far_as_it_can(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """Naming and removing are forms; adding says what it needs."""
    await ana(connection, browser, AAL2)
    assert (await registered(browser, SoftKey())).status_code == 303
    page = await browser.http.get(OWN_PAGE)
    assert "needs a current browser" in page.text
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    passkey = await connection.fetchval("select id from passkeys")
    form = {"csrf": csrf(page), "name": "Key on my ring"}
    answer = await browser.http.post(f"{OWN_PAGE}/{passkey}/name", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OWN_PAGE}?done=renamed")
    assert "Key on my ring" in (await browser.http.get("/account")).text
    answer = await browser.http.post(OWN_PAGE, data={"csrf": csrf(page), "credential": "", "name": ""})
    assert (answer.status_code, "runs this page" in answer.text) == (422, True)
    answer = await browser.http.post(f"{OWN_PAGE}/{passkey}/remove", data={"csrf": csrf(page)})
    assert answer.headers["location"] == f"{OWN_PAGE}?done=removed"
    assert (await browser.http.post(f"{OWN_PAGE}/{passkey}/else", data={"csrf": csrf(page)})).status_code == 404
