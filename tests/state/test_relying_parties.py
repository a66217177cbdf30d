"""Registrations by the state's integration administrator: judged, audited, secrets told once."""

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from store.database import Connection, Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes, user_id
from tests.oidc.world import Clock
from tests.state.acting import staff

pytestmark = pytest.mark.rule("state")
ERRORS = "userErrors { path code message remedy }"
PARTY = """clientId label active systems { code resource } authMethod secrets { since } jwks grantTypes scopes
    redirectUris postLogoutRedirectUris launchUri backchannelLogoutUri roleMode idTokenAlg changesBy firstParty
    dpopBound requirePar legacy version"""
DOCUMENTS = {
    name: f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} {ERRORS} }} }}"
    for name, kind, fields in (
        ("registerRelyingParty", "RegisterRelyingPartyInput", f"secret relyingParty {{ {PARTY} }}"),
        ("updateRelyingParty", "UpdateRelyingPartyInput", f"secret relyingParty {{ {PARTY} }}"),
        (
            "rotateRelyingPartySecret",
            "RotateRelyingPartySecretInput",
            "secret relyingParty { version secrets { since } }",
        ),
        ("deactivateRelyingParty", "DeactivateRelyingPartyInput", "relyingParty { active version }"),
        ("activateRelyingParty", "ActivateRelyingPartyInput", "relyingParty { active version }"),
        ("rotateSigningKey", "RotateSigningKeyInput", "keys { kid alg signsFrom signsUntil }"),
    )
}
NEW: dict[str, Any] = {
    "clientId": "grades", "label": "Grade book", "systems": [{"code": "cers"}], "changesBy": "refresh",
    "redirectUris": ["https://grades.example/callback"], "idempotencyKey": "one",
}  # fmt: skip
SAMPLES: dict[str, dict[str, Any]] = {
    "registerRelyingParty": NEW,
    "updateRelyingParty": {"clientId": "reporting", "expectedVersion": 1, "label": "Taken over"},
    "rotateRelyingPartySecret": {"clientId": "reporting", "expectedVersion": 1},
    "deactivateRelyingParty": {"clientId": "reporting"},
    "activateRelyingParty": {"clientId": "reporting", "expectedVersion": 1},
    "rotateSigningKey": {"reason": "yearly"},
}
QUERIES = (
    "{ relyingParties { clientId } }",
    '{ relyingParty(clientId: "reporting") { clientId } }',
    '{ claimsPreview(clientId: "reporting", user: "site@valley.example") { idToken } }',
    "{ signingKeys { kid } }",
)
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def admin(http: httpx2.AsyncClient, pool: Pool, as_person: AsCaller) -> Caller:
    return await as_person(await staff(pool, "wires", "integration-administrator"))


async def send(asking: Caller, mutation: str, **asked: Any) -> dict[str, Any]:
    return (await asking.data(DOCUMENTS[mutation], input=asked))[mutation]


async def refused(asking: Caller, mutation: str, **asked: Any) -> list[tuple[str, str]]:
    """Field and code of each user error."""
    answer = await send(asking, mutation, **asked)
    assert answer["userErrors"], answer
    assert all(one["message"].endswith(".") and one["remedy"].endswith(".") for one in answer["userErrors"])
    return [(one["path"][-1], one["code"]) for one in answer["userErrors"]]


async def test_registered_used_and_audited(
    admin: Caller, http: httpx2.AsyncClient, connection: Connection, pool: Pool
) -> None:
    asked = {**NEW, "grantTypes": ["authorization_code", "refresh_token", "client_credentials"]}
    made = await send(admin, "registerRelyingParty", **asked)
    assert made["userErrors"] == []
    secret, party = made["secret"], made["relyingParty"]
    assert party["systems"] == [{"code": "cers", "resource": "https://cers.example/"}]
    assert (party["authMethod"], party["version"], len(party["secrets"])) == ("client_secret_basic", 1, 1)
    assert party["secrets"][0]["since"] is not None
    answer = await http.post("/oauth2/token", data=GRANT, auth=("grades", secret))
    assert answer.status_code == 200
    event = await connection.fetchrow("select * from audit_events where action = 'registerRelyingParty'")
    assert event is not None
    assert (event["actor_id"], event["target_type"], event["target_id"]) == (
        user_id("wires"),
        "relying_party",
        "grades",
    )
    assert event["after"]["redirect_uris"] == NEW["redirectUris"]
    rows = await connection.fetch("select row_to_json(r)::text as kept from relying_parties r")
    trail = await connection.fetch("select row_to_json(a)::text as kept from audit_events a")
    assert not any(secret in row["kept"] for row in (*rows, *trail))


async def test_a_repeated_request_makes_one_and_tells_no_secret_again(admin: Caller) -> None:
    first = await send(admin, "registerRelyingParty", **NEW)
    again = await send(admin, "registerRelyingParty", **NEW)
    assert first["secret"]
    assert (again["secret"], again["userErrors"], again["relyingParty"]["version"]) == (None, [], 1)
    assert await refused(admin, "registerRelyingParty", **{**NEW, "label": "Other"}) == [
        ("idempotencyKey", "KEY_REUSED")
    ]
    assert await refused(admin, "registerRelyingParty", **{**NEW, "idempotencyKey": "two"}) == [("clientId", "TAKEN")]


KEY = ECKey.generate_key("P-256").as_dict(private=False)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"clientId": "two words"}, [("clientId", "INVALID")]),
        ({"clientId": "sis-own"}, [("clientId", "RESERVED")]),
        ({"label": " "}, [("label", "INVALID")]),
        ({"label": "a\u200bb"}, [("label", "INVALID")]),
        ({"systems": []}, [("systems", "MISSING")]),
        ({"systems": [{"code": "nothing"}]}, [("systems", "UNKNOWN")]),
        ({"systems": [{"code": "toms"}]}, [("systems", "NO_RESOURCE")]),
        ({"systems": [{"code": "toms", "resource": "toms"}]}, [("systems", "INVALID_ADDRESS")]),
        ({"systems": [{"code": "toms", "resource": "http://localhost:8000/x"}]}, [("systems", "OWN_ADDRESS")]),
        ({"systems": [{"code": "toms", "resource": "https://cers.example/"}]}, [("systems", "TAKEN")]),
        ({"authMethod": "client_secret_jwt"}, [("authMethod", "UNKNOWN")]),
        ({"authMethod": "private_key_jwt"}, [("jwks", "MISSING")]),
        ({"authMethod": "private_key_jwt", "jwks": "no JSON"}, [("jwks", "INVALID_KEYS")]),
        ({"authMethod": "private_key_jwt", "jwks": '{"keys": [{"x": "\\u0000"}]}'}, [("jwks", "INVALID_KEYS")]),
        ({"authMethod": "private_key_jwt", "jwks": '{"keys": [{"x": "\\ud800"}]}'}, [("jwks", "INVALID_KEYS")]),
        ({"authMethod": "private_key_jwt", "jwks": '{"keys": [{"x": 1e400}]}'}, [("jwks", "INVALID_KEYS")]),
        ({"authMethod": "private_key_jwt", "jwks": "[" * 100_000}, [("jwks", "INVALID_KEYS")]),
        ({"grantTypes": ["password"], "scopes": ["openid"]}, [("grantTypes", "UNKNOWN")]),
        ({"scopes": ["admin"]}, [("scopes", "UNKNOWN")]),
        ({"redirectUris": ["javascript:alert(1)"]}, [("redirectUris", "INVALID_ADDRESS")]),
        ({"redirectUris": ["data:text/html,x"]}, [("redirectUris", "INVALID_ADDRESS")]),
        ({"redirectUris": ["http://grades.example/"]}, [("redirectUris", "INVALID_ADDRESS")]),
        ({"redirectUris": []}, [("redirectUris", "MISSING")]),
        ({"redirectUris": ["https://grades.example/" + "a" * 2000]}, [("redirectUris", "INVALID_ADDRESS")]),
        ({"redirectUris": [f"https://grades.example/{n}" for n in range(51)]}, [("redirectUris", "TOO_MANY")]),
        ({"launchUri": "javascript:alert(1)"}, [("launchUri", "INVALID_ADDRESS")]),
        ({"backchannelLogoutUri": "http://grades.example/out"}, [("backchannelLogoutUri", "INVALID_ADDRESS")]),
        ({"changesBy": "never"}, [("changesBy", "UNKNOWN")]),
        ({"changesBy": "backchannel-logout"}, [("backchannelLogoutUri", "MISSING")]),
        ({"roleMode": "all"}, [("roleMode", "UNKNOWN")]),
        ({"idTokenAlg": "none"}, [("idTokenAlg", "UNKNOWN")]),
        (
            {"clientId": "a b", "label": "", "roleMode": "all"},
            [("clientId", "INVALID"), ("label", "INVALID"), ("roleMode", "UNKNOWN")],
        ),
    ],
)
@pytest.mark.checklist("4 registration", "53 what an administrator registers")
async def test_what_a_registration_cannot_say(
    admin: Caller, connection: Connection, more: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert await refused(admin, "registerRelyingParty", **{**NEW, **more}) == found
    assert await connection.fetchval("select count(*) from relying_parties") == 3
    denied = await connection.fetchval("select count(*) from audit_events where outcome = 'denied'")
    assert denied == 1


async def test_keys_are_shown_and_secrets_are_not(admin: Caller) -> None:
    made = await send(
        admin, "registerRelyingParty",
        **{**NEW, "authMethod": "private_key_jwt", "jwks": json.dumps({"keys": [KEY]})},
    )  # fmt: skip
    assert made["secret"] is None
    assert json.loads(made["relyingParty"]["jwks"]) == {"keys": [KEY]}
    found = await admin.data(f"{{ relyingParties {{ {PARTY} }} }}")
    assert [one["clientId"] for one in found["relyingParties"]] == ["browser", "grades", "reporting", "scoring"]
    shown = {one["clientId"]: one for one in found["relyingParties"]}
    assert (shown["browser"]["secrets"], len(shown["reporting"]["secrets"])) == ([], 1)
    one = await admin.data(
        f'{{ relyingParty(clientId: "grades") {{ {PARTY} }} nobody: relyingParty(clientId: "x") {{ label }} }}'
    )
    assert one == {"relyingParty": shown["grades"], "nobody": None}


@pytest.mark.checklist("17 two during a rotation and no third")
async def test_a_rotated_secret_is_told_once_and_one_earlier_works_on(admin: Caller, http: httpx2.AsyncClient) -> None:
    async def good(secret: str) -> bool:
        return (await http.post("/oauth2/token", data=GRANT, auth=("reporting", secret))).status_code == 200

    second = await send(admin, "rotateRelyingPartySecret", clientId="reporting", expectedVersion=1)
    assert (len(second["relyingParty"]["secrets"]), second["relyingParty"]["version"]) == (2, 2)
    assert [await good(one) for one in ("reporting-secret", second["secret"])] == [True, True]
    stale = await refused(admin, "rotateRelyingPartySecret", clientId="reporting", expectedVersion=1)
    assert stale == [("expectedVersion", "CHANGED")]
    third = await send(admin, "rotateRelyingPartySecret", clientId="reporting", expectedVersion=2, only=True)
    assert [await good(one) for one in ("reporting-secret", second["secret"], third["secret"])] == [False, False, True]
    none = await refused(admin, "rotateRelyingPartySecret", clientId="browser", expectedVersion=1)
    assert none == [("clientId", "NO_SECRET")]


async def test_signing_keys_rotate_with_the_person_in_the_audit(
    admin: Caller, http: httpx2.AsyncClient, connection: Connection
) -> None:
    before = {key["kid"] for key in (await http.get("/oauth2/jwks")).json()["keys"]}
    made = await send(admin, "rotateSigningKey", reason="yearly")
    assert made["userErrors"] == []
    kids = {key["kid"] for key in made["keys"]}
    assert before < kids
    assert len(kids - before) == 2
    assert all(key["signsUntil"] for key in made["keys"] if key["kid"] in before)
    events = await connection.fetch(
        "select actor_id, reason, target_id from audit_events where action = 'rotateSigningKey'"
    )
    assert {(row["actor_id"], row["reason"]) for row in events} == {(user_id("wires"), "yearly")}
    assert {row["target_id"] for row in events} == kids - before
    assert await refused(admin, "rotateSigningKey", reason="") == [("reason", "INVALID")]


@pytest.mark.parametrize("mutation", [one for one in SAMPLES if one != "deactivateRelyingParty"])
async def test_a_fresh_sign_in_is_needed(admin: Caller, clock: Clock, connection: Connection, mutation: str) -> None:
    clock.now += timedelta(minutes=11)
    assert await refused(admin, mutation, **SAMPLES[mutation]) == [("input", "STEP_UP")]
    assert await connection.fetchval("select count(*) from audit_events where outcome = 'denied'") == 1


@pytest.mark.checklist(56)
@pytest.mark.parametrize("name", ["primary", "superintendent", "teacher", "boss", "helper", "looker"])
async def test_nobody_else_sees_or_changes_any(
    admin: Caller, as_person: AsCaller, pool: Pool, connection: Connection, name: str
) -> None:
    role = {"boss": "state-administrator", "helper": "help-desk", "looker": "auditor"}.get(name)
    if role is not None:
        await staff(pool, name, role)
    caller = await as_person(name)
    for query in QUERIES:
        assert [code for code, _ in codes(await caller.ask(query))] == ["UNAUTHORIZED_FIELD_OR_TYPE"]
    for mutation, asked in SAMPLES.items():
        assert [code for code, _ in codes(await caller.ask(DOCUMENTS[mutation], input=asked))] == ["FORBIDDEN"]
    assert await connection.fetchval("select count(*) from relying_parties where version <> 1 or not active") == 0


async def test_a_system_sees_none(admin: Caller, as_system: Caller, signed_out: Caller) -> None:
    for caller in (as_system, signed_out):
        for query in QUERIES:
            answer = await caller.post(query)
            assert "reporting" not in answer.text.replace("relyingPart", "")
            assert '"data":{' not in answer.text or "null" in answer.text


@pytest.mark.parametrize(
    "mutation", [one for one in SAMPLES if one not in ("registerRelyingParty", "rotateSigningKey")]
)
async def test_an_unknown_one_is_not_found(admin: Caller, mutation: str) -> None:
    for unknown in ("nobody", "a\n"):
        asked = {**SAMPLES[mutation], "clientId": unknown}
        assert [code for code, _ in codes(await admin.ask(DOCUMENTS[mutation], input=asked))] == ["NOT_FOUND"]
