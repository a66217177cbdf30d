"""Scope directory.manage: by whose token a change is carried out, and every way in which it is not."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from policy.caller import PersonCaller
from policy.facts import UserStatus
from policy.grant import Access
from policy.managing import RECENT
from resolvers.refusals import RefusedError
from schema.build import build_schema
from schema.managed import MANAGED
from store.database import Connection, Pool
from store.shipped_packs import vocabulary
from tests.graphql.changes import REMOVE, events, remove
from tests.graphql.conftest import AsTokenBearer
from tests.graphql.managing import ASKED, COLLEAGUE, HALLPASS, SCOPE, Managing, desk, held, refused
from tests.graphql.world import HILL, LEA, PARK, Caller, assignment_id, codes, user_id
from tests.oidc.world import (
    CERS_URI,
    ISSUER,
    NOW,
    OTHER_LEA,
    Clock,
    bearer,
    http_of,
    take_all,
)

pytestmark = pytest.mark.checklist(57)


async def test_a_coordinator_takes_a_role_through_the_states_own_client(
    managing: Managing, connection: Connection
) -> None:
    """The audit names her and the client; a form's token against other sites' pages is a matter of cookies."""
    done = await remove(await managing("primary"), COLLEAGUE)
    assert (done["removed"], done["userErrors"]) == ([str(COLLEAGUE)], [])
    assert not await held(connection)
    (event,) = await events(connection)
    assert (event["actor_id"], event["actor_client"], event["acting_under"]) == (
        user_id("primary"), "manager", "caaspp/lea-coordinator",
    )  # fmt: skip


@pytest.mark.parametrize("scope", ["openid directory.read", "openid directory.read offline_access"])
async def test_without_the_scope_nothing_changes(managing: Managing, connection: Connection, scope: str) -> None:
    await refused(await managing("primary", scope=scope))
    assert await held(connection)


async def test_reading_is_not_part_of_it(managing: Managing) -> None:
    response = await (await managing("primary", scope="openid directory.manage")).post("{ __typename }")
    assert response.status_code == 403


async def test_a_sign_in_counts_for_ten_minutes(
    managing: Managing, connection: Connection, clock: Clock, app: Starlette, http: httpx2.AsyncClient, pool: Pool
) -> None:
    """Also for a caller that this process remembers, and refreshing makes no sign-in of it."""
    asking = await managing("primary", scope=f"{SCOPE} offline_access")
    assert await asking.data("{ viewer { accessVersion } }")
    browser = await desk(app, pool, "primary")
    tokens = await browser.tokens(scope=f"{SCOPE} offline_access", resource=ISSUER)
    clock.forward(seconds=RECENT.total_seconds() - 250)
    late = await browser.tokens(scope=SCOPE, resource=ISSUER)
    clock.forward(seconds=251)
    stale = "removeRoles needs a sign-in of the last 10 minutes: sign in again, max_age=600."
    await refused(Caller(http, bearer(late["access_token"])), stale)
    again = (await browser.refresh(tokens["refresh_token"])).json()
    assert "directory.manage" in again["scope"]
    await refused(Caller(http, bearer(again["access_token"])), stale)
    assert await held(connection)
    denied = await events(connection, "denied")
    assert {(one["actor_id"], one["actor_client"], one["reason"]) for one in denied} == {
        (user_id("primary"), "manager", "FORBIDDEN")
    }


async def test_a_remembered_caller_grows_stale(managing: Managing, connection: Connection, clock: Clock) -> None:
    clock.forward(minutes=8)
    asking = await managing("primary")
    assert await asking.data("{ viewer { accessVersion } }")
    clock.forward(minutes=2, seconds=1)
    await refused(asking, "removeRoles needs a sign-in of the last 10 minutes: sign in again, max_age=600.")
    assert await held(connection)


REGISTERED_NOW = [
    ("first_party = false", True),
    ("scopes = array_remove(scopes, 'directory.manage')", True),
    ("systems = '{cers}'", True),
    ("role_mode = 'union'", True),
    ("grant_types = '{refresh_token}'", True),
    ("auth_method = 'none'", True),
    ("auth_method = 'none', dpop_bound = true", True),
    ("label = 'Another name'", False),
]


@pytest.mark.parametrize(("registered", "ends"), REGISTERED_NOW)
async def test_what_is_registered_now_decides(
    managing: Managing, connection: Connection, registered: str, ends: bool
) -> None:
    """Whoever narrows a registration need not wait for tokens to expire, nor for memories."""
    asking = await managing("primary")
    assert await asking.data("{ viewer { accessVersion } }")
    await connection.execute(f"update relying_parties set {registered} where client_id = 'manager'")
    if not ends:
        assert (await remove(asking, COLLEAGUE))["userErrors"] == []
        return
    response = await asking.post(REMOVE, input=ASKED)
    errors = [error["extensions"]["code"] for error in response.json()["errors"]]
    assert errors in (["FORBIDDEN"], ["UNAUTHENTICATED"]), response.text
    assert await held(connection)


DETAILS = json.dumps([{"type": "assessment_access", "actions": ["results:view"], "locations": [CERS_URI]}])


async def refused_whole(narrowed: Caller) -> None:
    """Read or change: what the details leave is not what a role gives (RFC 9396 section 9)."""
    for response in (await narrowed.post("{ viewer { id } }"), await narrowed.post(REMOVE, input=ASKED)):
        assert response.status_code == 403, response.text
        assert "authorization_details" in response.json()["errors"][0]["message"]
        assert 'error="insufficient_scope"' in response.headers["www-authenticate"]


async def test_what_was_narrowed_at_the_authorization_is_good_for_nothing_here(
    managing: Managing, connection: Connection
) -> None:
    await refused_whole(await managing("primary", authorization_details=DETAILS))
    assert await held(connection)


async def test_what_was_narrowed_at_the_token_endpoint_is_good_for_nothing_here(
    managing: Managing, connection: Connection, app: Starlette, http: httpx2.AsyncClient, pool: Pool
) -> None:
    await managing("primary")
    browser = await desk(app, pool, "primary")
    code = await browser.code(scope=SCOPE, resource=ISSUER)
    tokens = (await browser.redeem(code, authorization_details=DETAILS)).json()
    await refused_whole(Caller(http, bearer(tokens["access_token"])))
    assert await held(connection)


async def test_a_refreshed_token_may_leave_the_scope_out(
    managing: Managing, connection: Connection, app: Starlette, http: httpx2.AsyncClient, pool: Pool
) -> None:
    await managing("primary")
    browser = await desk(app, pool, "primary")
    tokens = await browser.tokens(scope=f"{SCOPE} offline_access", resource=ISSUER)
    less = (await browser.refresh(tokens["refresh_token"], scope="openid directory.read")).json()
    await refused(Caller(http, bearer(less["access_token"])))
    assert await held(connection)


async def test_a_token_for_another_system_is_none_for_the_gateway(
    managing: Managing, app: Starlette, http: httpx2.AsyncClient, pool: Pool
) -> None:
    await managing("primary")
    tokens = await (await desk(app, pool, "primary")).tokens(scope=SCOPE, resource=CERS_URI)
    response = await Caller(http, bearer(tokens["access_token"])).post(REMOVE, input=ASKED)
    assert response.status_code == 401


async def test_what_she_may_not_do_herself_she_may_not_by_token(managing: Managing, connection: Connection) -> None:
    await refused(await managing("teacher"), "None of your roles allows removeRoles.")
    for name in ("far-lead", "hill-site", "elpac-lead"):
        answer = await (await managing(name)).ask(REMOVE, input=ASKED)
        assert codes(answer) == [("NOT_FOUND", ["removeRoles"])] or answer["data"]["removeRoles"]["userErrors"], name
    assert await held(connection)


ENDED = [
    ("update users set status = 'suspended' where id = $1", "UNAUTHENTICATED"),
    ("update users set status = 'inactive' where id = $1", "UNAUTHENTICATED"),
    ("update authorizations set revoked_at = now(), revoked_why = 'signed-out' where user_id = $1", "UNAUTHENTICATED"),
]


@pytest.mark.parametrize(("change", "code"), ENDED)
async def test_whoever_was_stopped_changes_nothing(
    managing: Managing, connection: Connection, change: str, code: str
) -> None:
    asking = await managing("primary")
    assert await asking.data("{ viewer { accessVersion } }")
    await connection.execute(change, user_id("primary"))
    response = await asking.post(REMOVE, input=ASKED)
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert await held(connection)


async def test_a_role_that_is_gone_changes_nothing(managing: Managing, connection: Connection) -> None:
    asking = await managing("primary")
    assert await asking.data("{ viewer { accessVersion } }")
    await take_all(connection, user_id("primary"))
    response = await asking.post(REMOVE, input=ASKED)
    assert response.json()["errors"][0]["extensions"]["code"] in ("FORBIDDEN", "UNAUTHENTICATED")
    assert await held(connection)


async def test_below_the_level_of_her_role_she_changes_nothing(
    gateway: Gateway, managing: Managing, connection: Connection
) -> None:
    """Where roles are held to their second step, a token from a session without it changes as little as the session."""
    asking = await managing("primary")
    strict = replace(gateway, settings=replace(gateway.settings, second_step="required"))
    async with http_of(create_app(strict.settings, strict)) as http:
        await refused(Caller(http, asking.headers), "None of your roles allows removeRoles.")
    assert await held(connection)


@pytest.mark.parametrize(("lea", "changes"), [(LEA, True), (OTHER_LEA, False)])
async def test_a_session_limited_to_an_lea_limits_its_tokens(
    managing: Managing, connection: Connection, lea: Any, changes: bool
) -> None:
    asking = await managing("primary")
    await connection.execute("update authorizations set lea_id = $1", lea)
    if changes:
        assert (await remove(asking, COLLEAGUE))["userErrors"] == []
    else:
        await refused(asking, "None of your roles allows removeRoles.")
    assert await held(connection) is not changes


async def test_a_role_narrowed_to_one_organization_stays_narrowed(managing: Managing, connection: Connection) -> None:
    asking = await managing("primary")
    await connection.execute("update authorizations set place_id = $1", HILL)
    await refused(asking, "None of your roles allows removeRoles.")
    assert await held(connection)


async def test_reach_is_cut_to_the_clients_systems(managing: Managing, connection: Connection) -> None:
    """Who has nothing in them, as somebody whose forms aren't signed, isn't there."""
    answer = await (await managing("primary")).ask(
        REMOVE, input={"assignments": [str(assignment_id("unsigned", "test-administrator", PARK))]}
    )
    assert codes(answer) == [("NOT_FOUND", ["removeRoles"])]
    assert await connection.fetchval("select count(*) from role_assignments where user_id = $1", user_id("unsigned"))


SESSION_ONLY = {
    "switchActiveRole", "signSecurityForm", "revokeSession", "signOutEverywhere", "revokeConsent", "addPasskey",
    "enrollTotp", "regenerateRecoveryCodes", "resetPassword", "resetSecondFactors", "requestEmailChange",
    "registerIdentityProvider", "issueSisCredentials", "applyUserUpload", "acceptSuggestions", "bringBackLastYear",
    "registerRelyingParty", "rotateSigningKey", "closeSchoolYear", "moveOrganization", "grantStateRole", "retryMail",
    "exportPersonalData", "erasePerson", "confirmRequest", "setCellOverride", "createUser", "updateUser",
    "deactivateUser", "reactivateUser", "deleteUser", "resendInvitation", "setContact", "recordCredential",
    "removeCredential", "remindUnsigned", "createStudentGroup", "deleteStudentGroup", "startAccessReview",
    "answerReviewItem",
}  # fmt: skip


def test_all_other_mutations_need_a_session() -> None:
    """Asked of each guard: whoever the person is, and however lately she signed in."""
    user, now = user_id("primary"), NOW
    access = Access(user, UserStatus.ACTIVE)
    caller = PersonCaller(user, access, None, 1, systems=frozenset({HALLPASS}), auth_time=now, managing_by="manager")
    info: Any = SimpleNamespace(context=SimpleNamespace(caller=caller, clock=SimpleNamespace(now=now)))
    mutation = build_schema(vocabulary()).graphql.mutation_type
    assert mutation is not None
    said: dict[str, str] = {}
    for name, field in mutation.fields.items():
        assert field.resolve is not None
        with pytest.raises(RefusedError) as caught:
            field.resolve(None, info)
        said[name] = str(caught.value)
    own = {name for name, text in said.items() if text.endswith("in a person's own session only.")}
    assert said.keys() - own == MANAGED
    assert own >= SESSION_ONLY


async def test_everything_else_is_not_even_shown(managing: Managing) -> None:
    document = "{ __schema { mutationType { fields { name } } } }"
    shown = await (await managing("primary")).data(document)
    names = {field["name"] for field in shown["__schema"]["mutationType"]["fields"]}
    assert names
    assert names <= MANAGED
    reading = await (await managing("primary", scope="openid directory.read")).data(document)
    assert reading["__schema"]["mutationType"] is None


async def test_files_are_not_taken_by_token(managing: Managing) -> None:
    asking = await managing("primary")
    answer = await asking.http.post("/uploads", content=b"x", headers={**asking.headers, "Content-Type": "text/csv"})
    assert answer.status_code in (401, 403), answer.text


async def test_other_clients_tokens_are_as_they_were(as_token_bearer: AsTokenBearer, connection: Connection) -> None:
    await refused(await as_token_bearer("primary"))
    assert await held(connection)
